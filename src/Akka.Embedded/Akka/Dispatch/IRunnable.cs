namespace Akka.Dispatch;

/// <summary>Something a dispatcher runs once.</summary>
public interface IRunnable : IThreadPoolWorkItem
{
    void Run();
}
