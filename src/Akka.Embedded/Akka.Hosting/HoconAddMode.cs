namespace Akka.Hosting;

/// <summary>Who wins when a key is there twice.</summary>
public enum HoconAddMode
{
    /// <summary>What is there already.</summary>
    Append = 0,

    /// <summary>What is added.</summary>
    Prepend = 1,

    /// <summary>What is added.</summary>
    Replace = 2,
}
