namespace Akka.Configuration;

/// <summary>Makes configurations.</summary>
public class ConfigurationFactory
{
    public ConfigurationFactory()
    {
    }

    public static Config Empty => Config.Empty;

    /// <summary>Reads lines of <c>key = value</c>; keys are dotted paths, # begins a comment.</summary>
    /// <exception cref="ConfigurationException">A line is something else.</exception>
    public static Config ParseString(string hocon) => FlatConfigParser.Parse(hocon);

    /// <summary>The values of all keys that are not given.</summary>
    public static Config Default() => ReferenceConfig.Value;
}
