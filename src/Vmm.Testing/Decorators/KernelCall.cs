using System.Text;
using System.Text.Json;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Decorators;

/// <summary>One call through the fence, as it was made and as it was answered.</summary>
/// <param name="Number">Counts calls of one recording from 1, in the order they were answered.</param>
/// <param name="Call">
/// The kernel's name of the request (<c>VFIO_IOMMU_MAP_DMA</c>), or <c>open</c>, <c>close</c>, <c>eventfd</c>,
/// <c>memfd_create</c>, <c>mmap</c>, <c>munmap</c>, <c>populate</c>, <c>list</c>, <c>read</c>, <c>readlink</c>,
/// <c>write</c>, <c>listen</c>, <c>receive</c>.
/// </param>
/// <param name="Descriptor">What it was made on: <c>/dev/vfio/vfio#14</c>; null where no descriptor is needed.</param>
/// <param name="Before">Its arguments as they went in: fields of a known struct by their kernel names, or <c>bytes</c> in hex.</param>
/// <param name="After">The fields that the call changed.</param>
/// <param name="Result">The call's value; 0 when it failed.</param>
/// <param name="Errno">Its errno, or none.</param>
public sealed record KernelCall(
    long Number,
    string Call,
    string? Descriptor,
    IReadOnlyDictionary<string, string> Before,
    IReadOnlyDictionary<string, string> After,
    long Result,
    Errno Errno)
{
    /// <summary>True when the call succeeded.</summary>
    public bool IsOk => Errno.IsNone;

    /// <summary>What an ioctl needs to be made again, in a recording that can be replayed; null in others.</summary>
    internal CallBytes? Bytes { get; init; }

    /// <summary>The call as one line of JSON, without newline.</summary>
    public string ToJson()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            WriteTo(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>The keys of <see cref="ToJson"/>, into an object that is open.</summary>
    internal void WriteTo(Utf8JsonWriter json)
    {
        json.WriteNumber("number", Number);
        json.WriteString("call", Call);
        if (Descriptor is not null)
        {
            json.WriteString("fd", Descriptor);
        }

        json.WriteNumber("ret", Result);
        if (!Errno.IsNone)
        {
            json.WriteString("errno", Errno.Name);
        }

        Write(json, "in", Before);
        Write(json, "out", After);
    }

    /// <summary>The call as one line of JSON.</summary>
    public override string ToString() => ToJson();

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, string> fields)
    {
        if (fields.Count == 0)
        {
            return;
        }

        json.WriteStartObject(name);
        foreach (var (key, value) in fields)
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
    }
}
