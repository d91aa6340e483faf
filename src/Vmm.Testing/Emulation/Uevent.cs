using System.Text;

namespace Vmm.Testing.Emulation;

/// <summary>Writes uevents as the kernel's netlink socket sends them.</summary>
internal static class Uevent
{
    /// <summary>The bytes of one event: <c>ACTION@DEVPATH</c>, then the keys, each ended by a zero byte.</summary>
    /// <param name="action">add, remove, bind, unbind, change.</param>
    /// <param name="path">The device's directory below /sys, without a leading slash.</param>
    /// <param name="subsystem">The bus or class.</param>
    /// <param name="keys">What stands between SUBSYSTEM and SEQNUM.</param>
    /// <param name="sequence">SEQNUM.</param>
    public static byte[] Bytes(string action, string path, string subsystem, IEnumerable<string> keys, ulong sequence)
    {
        var text = new StringBuilder();
        text.Append(action).Append("@/").Append(path).Append('\0');
        text.Append("ACTION=").Append(action).Append('\0');
        text.Append("DEVPATH=/").Append(path).Append('\0');
        text.Append("SUBSYSTEM=").Append(subsystem).Append('\0');
        foreach (var key in keys)
        {
            text.Append(key).Append('\0');
        }

        text.Append("SEQNUM=").Append(sequence).Append('\0');
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
