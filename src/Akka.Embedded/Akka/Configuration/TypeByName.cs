namespace Akka.Configuration;

/// <summary>Makes objects whose types configuration names.</summary>
internal static class TypeByName
{
    /// <exception cref="ConfigurationException">No such type, not a <typeparamref name="T"/>, or no fitting constructor.</exception>
    internal static T Make<T>(string key, string typeName, params object[] args)
        where T : class
    {
        var type = Type.GetType(typeName, throwOnError: false)
            ?? throw new ConfigurationException($"{key} = \"{typeName}\": no such type. Write \"Namespace.Type, Assembly\".");
        if (!typeof(T).IsAssignableFrom(type)) throw new ConfigurationException($"{key} = \"{typeName}\": it is not a {typeof(T)}.");
        try
        {
            return (T)Activator.CreateInstance(type, args);
        }
        catch (MissingMethodException missing)
        {
            throw new ConfigurationException($"{key} = \"{typeName}\": it has no public constructor ({string.Join(", ", args.Select(a => a?.GetType().Name))}).", missing);
        }
    }
}
