namespace Akka.Event;

/// <summary>Publishes events to subscribers by a classifier.</summary>
public abstract class EventBus<TEvent, TClassifier, TSubscriber>
{
    internal EventBus()
    {
    }

    /// <summary>False when it was subscribed already.</summary>
    public abstract bool Subscribe(TSubscriber subscriber, TClassifier classifier);

    /// <summary>Ends all subscriptions; false when there was none.</summary>
    public abstract bool Unsubscribe(TSubscriber subscriber);

    /// <summary>Ends one subscription; false when there was none.</summary>
    public abstract bool Unsubscribe(TSubscriber subscriber, TClassifier classifier);

    public virtual void Publish(TEvent @event) => Deliver(@event);

    internal abstract void Deliver(TEvent @event);
}
