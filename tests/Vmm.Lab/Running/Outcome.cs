using System.Globalization;
using Vmm.Iommu.Results;

namespace Vmm.Lab.Running;

/// <summary>What one operation did, without anything that is a number of one side only: no descriptor, no address.</summary>
/// <param name="Errno">The error, or none.</param>
/// <param name="Value">The call's value; 0 where the value is a descriptor or an address.</param>
/// <param name="Written">The struct after the call, and after it what its pointer points to; empty where there is none.</param>
internal sealed record Outcome(Errno Errno, long Value, byte[] Written)
{
    /// <summary>Bytes of which the text shows all.</summary>
    private const int ShownBytes = 1024;

    /// <summary>An operation whose slot is taken, or free, when it should not be: nothing was called.</summary>
    public static readonly Outcome Skipped = new(Errno.None, -1, []);

    /// <summary>A result whose value is the same on every kernel.</summary>
    public static Outcome Of(SysResult result) => new(result.Errno, result.Value, []);

    /// <summary>A result whose value is a descriptor or an address.</summary>
    public static Outcome WithoutValue(SysResult result) => new(result.Errno, 0, []);

    /// <summary>What was thrown in place of an answer; null for an answer.</summary>
    public string? Fault { get; private init; }

    /// <summary>No answer: a model that threw.</summary>
    public static Outcome Threw(Exception failure) => new(Errno.None, -1, [])
    {
        Fault = $"{failure.GetType().Name}: {failure.Message.ReplaceLineEndings(" ")} {failure.StackTrace?.Split('\n')[0].Trim()}",
    };

    /// <summary>True when the other side did the same.</summary>
    public bool IsSameAs(Outcome other) => Fault == other.Fault && Errno == other.Errno && Value == other.Value && Written.AsSpan().SequenceEqual(other.Written);

    /// <summary>Value or errno, then the bytes in groups of four, as 32-bit numbers are read.</summary>
    public override string ToString()
    {
        var answer = Fault ?? (ReferenceEquals(this, Skipped) ? "skipped" : Errno.IsNone ? Value.ToString(CultureInfo.InvariantCulture) : Errno.ToString());
        var shown = Written.AsSpan(0, Math.Min(Written.Length, ShownBytes)).TrimEnd(CallBytes.Pattern);
        return shown.IsEmpty ? answer : $"{answer} [{Words(shown)}]";
    }

    private static string Words(ReadOnlySpan<byte> bytes)
    {
        var words = new List<string>();
        while (!bytes.IsEmpty)
        {
            var length = Math.Min(sizeof(uint), bytes.Length);
            var word = 0u;
            for (var index = length - 1; index >= 0; index--)
            {
                word = (word << 8) | bytes[index];
            }

            words.Add($"{word:x}");
            bytes = bytes[length..];
        }

        return string.Join(' ', words);
    }
}
