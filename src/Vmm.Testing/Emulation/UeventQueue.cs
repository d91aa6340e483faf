using Vmm.Iommu.Results;
using Vmm.Testing.Emulation.Vfio;

namespace Vmm.Testing.Emulation;

/// <summary>
/// What one listener has not read yet. KERNEL: when it overflows, nothing more is queued until the listener has read it
/// empty, and the loss is told once, before anything that still waits.
/// </summary>
internal sealed class UeventQueue(int descriptor, int capacity)
{
    private readonly Queue<byte[]> _waiting = new();
    private bool _congested;
    private bool _lossUntold;

    public int Descriptor { get; } = descriptor;

    public void Post(byte[] message)
    {
        var wasQuiet = _waiting.Count == 0 && !_lossUntold;
        if (_congested)
        {
            return;
        }

        if (_waiting.Count >= capacity)
        {
            _congested = true;
            _lossUntold = true;
        }
        else
        {
            _waiting.Enqueue(message);
        }

        if (wasQuiet)
        {
            EventSignal.Raise(Descriptor);
        }
    }

    public SysResult Receive(Span<byte> buffer)
    {
        if (_lossUntold)
        {
            _lossUntold = false;
            ClearWhenQuiet();
            return Errno.ENOBUFS;
        }

        if (!_waiting.TryDequeue(out var message))
        {
            return Errno.EAGAIN;
        }

        if (_waiting.Count == 0)
        {
            _congested = false;
        }

        ClearWhenQuiet();

        // A datagram that does not fit is cut, as recv(2) does.
        var length = Math.Min(message.Length, buffer.Length);
        message.AsSpan(0, length).CopyTo(buffer);
        return SysResult.Of(length);
    }

    private void ClearWhenQuiet()
    {
        if (_waiting.Count == 0 && !_lossUntold)
        {
            _congested = false;
            EventSignal.Clear(Descriptor);
        }
    }
}
