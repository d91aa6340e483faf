using System.Globalization;

namespace Akka.Configuration;

/// <summary>Reads durations with a unit.</summary>
internal static class Duration
{
    private static readonly (string Unit, double Milliseconds)[] Units =
    [
        ("milliseconds", 1), ("millisecond", 1), ("millis", 1), ("ms", 1), ("seconds", 1000), ("second", 1000), ("s", 1000), ("minutes", 60_000),
        ("minute", 60_000), ("m", 60_000), ("hours", 3_600_000), ("hour", 3_600_000), ("h", 3_600_000), ("days", 86_400_000), ("day", 86_400_000),
        ("d", 86_400_000), ("", 1),
    ];

    internal static bool TryParse(string text, bool allowInfinite, out TimeSpan value)
    {
        value = Timeout.InfiniteTimeSpan;
        if (text == "infinite") return allowInfinite;
        var (unit, milliseconds) = Units.First(u => text.EndsWith(u.Unit, StringComparison.Ordinal));
        if (!double.TryParse(text.AsSpan(0, text.Length - unit.Length).Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || number < 0) return false;
        value = TimeSpan.FromMilliseconds(number * milliseconds);
        return true;
    }
}
