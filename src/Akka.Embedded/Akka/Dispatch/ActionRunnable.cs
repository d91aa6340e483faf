namespace Akka.Dispatch;

internal sealed class ActionRunnable(Action action) : IRunnable
{
    public void Run() => action();

    void IThreadPoolWorkItem.Execute() => action();
}
