using System.Runtime.ExceptionServices;

namespace Vmm.Benchmarks;

/// <summary>A thread that does what is handed over to it, one at a time: who hands over wakes it and is woken by it, as between an actor and a container's worker.</summary>
internal sealed class OtherThread : IDisposable
{
    private readonly AutoResetEvent _asked = new(initialState: false);
    private readonly AutoResetEvent _done = new(initialState: false);
    private readonly Thread _thread;
    private Action? _work;
    private ExceptionDispatchInfo? _fault;

    public OtherThread()
    {
        _thread = new Thread(DoWhatIsAsked) { IsBackground = true, Name = "other" };
        _thread.Start();
    }

    /// <summary>Has it done, and waits for that.</summary>
    public void Do(Action work)
    {
        (_work, _fault) = (work, null);
        _asked.Set();
        _done.WaitOne();
        _fault?.Throw();
    }

    /// <summary>Ends the thread.</summary>
    public void Dispose()
    {
        _work = null;
        _asked.Set();
        _thread.Join();
        _asked.Dispose();
        _done.Dispose();
    }

    private void DoWhatIsAsked()
    {
        for (_asked.WaitOne(); _work is { } work; _asked.WaitOne())
        {
            try
            {
                work();
            }
            catch (Exception fault)
            {
                _fault = ExceptionDispatchInfo.Capture(fault);
            }

            _done.Set();
        }
    }
}
