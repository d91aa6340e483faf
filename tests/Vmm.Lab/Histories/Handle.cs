using System.Globalization;

namespace Vmm.Lab.Histories;

/// <summary>A slot by kind and number: what a history says where a program would say a descriptor.</summary>
/// <param name="Kind">What it holds.</param>
/// <param name="Slot">Which of the kind; from 0.</param>
internal readonly record struct Handle(HandleKind Kind, int Slot)
{
    private const int SlotBits = 8;

    /// <summary>The handle as an argument's number.</summary>
    public ulong Number => ((ulong)Kind << SlotBits) | (uint)Slot;

    /// <summary>The handle of an argument's number; an unknown kind is <see cref="HandleKind.None"/>.</summary>
    public static Handle Of(ulong number) =>
        number >> SlotBits <= (ulong)HandleKind.File ? new((HandleKind)(number >> SlotBits), (int)(number & 0xff)) : default;

    /// <summary>Reads <c>container:0</c>.</summary>
    public static bool TryParse(string text, out Handle handle)
    {
        var parts = text.Split(':');
        handle = default;
        if (parts.Length != 2
            || !Enum.TryParse<HandleKind>(parts[0], ignoreCase: true, out var kind)
            || !byte.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var slot))
        {
            return false;
        }

        handle = new(kind, slot);
        return true;
    }

    /// <summary><c>container:0</c>.</summary>
    public override string ToString() => $"{Kind.ToString().ToLowerInvariant()}:{Slot}";
}
