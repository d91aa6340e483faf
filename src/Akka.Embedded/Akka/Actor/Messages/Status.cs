namespace Akka.Actor;

/// <summary>A reply that says whether something succeeded.</summary>
public abstract class Status
{
    protected Status()
    {
    }

    /// <summary>It succeeded.</summary>
    public sealed class Success : Status
    {
        public static readonly Success Instance = new(null);

        public readonly object Status;

        public Success(object status) => Status = status;

        public override string ToString() => "Success: " + (Status ?? "null");
    }

    /// <summary>It failed.</summary>
    public sealed class Failure : Status
    {
        public readonly Exception Cause;

        public readonly object State;

        public Failure(Exception cause) => Cause = cause;

        public Failure(Exception cause, object state)
        {
            Cause = cause;
            State = state;
        }

        public override string ToString() => "Failure: " + Cause;
    }
}
