using System.Globalization;
using System.Text.Json;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Testing.Emulation;

namespace Vmm.Testing.Tests.Emulation;

/// <summary>Every VFIO call of real runs, made again on the emulated kernel: the same answers, errnos and bytes.</summary>
public sealed class CapturedCallTests
{
    public static TheoryData<string> Captures =>
        [.. Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "captures"), "*-legacy.json").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(Captures))]
    [Trait("Requirement", "R0.2")]
    [Trait("Requirement", "R0.3")]
    [Trait("Requirement", "R1.1")]
    public void The_emulated_kernel_answers_every_call_as_the_real_one_did(string capture)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "captures", capture + ".json")));
        using var run = new Run();
        var number = 0;
        foreach (var step in document.RootElement.GetProperty("steps").EnumerateArray())
        {
            number++;
            run.Declare(step);
            foreach (var call in Calls(step))
            {
                var (real, ours) = run.Again(call);
                Assert.True(real == ours, $"{capture}, step {number}: {call.GetRawText()}\nreal: {real}\nours: {ours}");
            }

            run.EndStep(step);
        }

        Assert.InRange(run.Made, 12, int.MaxValue);
    }

    [Fact]
    public void There_are_captures() => Assert.Equal(14, Captures.Count);

    private static IEnumerable<JsonElement> Calls(JsonElement step) =>
        step.TryGetProperty("calls", out var calls) ? calls.EnumerateArray().Where(call => Text(call, "call").StartsWith("VFIO_", StringComparison.Ordinal)) : [];

    private static string Text(JsonElement element, string key) => element.GetProperty(key).GetString()!;

    private static ulong Number(JsonElement element, string key) => element.GetProperty(key) is { ValueKind: JsonValueKind.Number } number
        ? number.GetUInt64()
        : ulong.Parse(Text(element, key).AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    /// <summary>The machine of the captures, and the descriptors of one capture on it.</summary>
    private sealed class Run : IDisposable
    {
        private readonly Rig _rig = new(EmulatedHost.Load(Emulation.Captures.Host("capture-host")));
        private readonly Dictionary<string, int> _open = new(StringComparer.Ordinal);
        private readonly List<string> _openedInStep = [];

        public Run()
        {
            foreach (var device in (string[])["0000:00:05.0", "0000:00:06.0", "0000:01:00.0"])
            {
                Rig.Good(_rig.Host.BindToVfio(device));
            }
        }

        public int Made { get; private set; }

        public void Declare(JsonElement step)
        {
            if (!step.TryGetProperty("sections", out var sections))
            {
                return;
            }

            foreach (var section in sections.EnumerateArray())
            {
                if (section.TryGetProperty("host", out var host) && host.ValueKind == JsonValueKind.String)
                {
                    var kind = Text(section, "kind") == "ramd" ? AddressKind.PfnMap : AddressKind.Ram;
                    _rig.Kernel.Declare(new HostAddress(Number(section, "host")), Number(section, "last") - Number(section, "start") + 1, kind);
                }
            }
        }

        /// <summary>What the real kernel answered and what ours does, in the same words.</summary>
        public (string Real, string Ours) Again(JsonElement call)
        {
            Made++;
            var errno = call.TryGetProperty("errno", out var number) ? new Errno(number.GetInt32()) : Errno.None;
            var name = Text(call, "call");
            var fd = Descriptor(Text(call, "fd"));
            var (real, ours) = name switch
            {
                "VFIO_GROUP_GET_STATUS" => ($"{Number(call, "flags")}", $"{_rig.Status(fd)}"),
                "VFIO_GET_API_VERSION" => Value(call, _rig.Kernel.Ioctl(fd, VfioUapi.GetApiVersion, 0UL)),
                "VFIO_CHECK_EXTENSION" => Value(call, _rig.Kernel.Ioctl(fd, VfioUapi.CheckExtension, Number(call, "arg"))),
                "VFIO_SET_IOMMU" => Value(call, _rig.Kernel.Ioctl(fd, VfioUapi.SetIommu, Number(call, "arg"))),
                "VFIO_GROUP_SET_CONTAINER" => Value(call, _rig.SetContainer(fd, Descriptor(Text(call, "container")))),
                "VFIO_GROUP_GET_DEVICE_FD" => ($"{errno}", $"{_rig.Device(fd, Text(call, "name")).Errno}"),
                "VFIO_IOMMU_MAP_DMA" => ($"{errno}", $"{_rig.Map(fd, (uint)Number(call, "flags"), Number(call, "host"), Number(call, "iova"), Number(call, "size"))}"),
                "VFIO_IOMMU_UNMAP_DMA" => Unmapped(call, errno, _rig.Unmap(fd, (uint)Number(call, "flags"), Number(call, "iova"), Number(call, "size"))),
                "VFIO_IOMMU_GET_INFO" => Info(call, fd),
                _ => throw new InvalidOperationException($"The test does not know {name}."),
            };
            return (real, ours);
        }

        /// <summary>A device that was refused leaves nothing open.</summary>
        public void EndStep(JsonElement step)
        {
            if (step.TryGetProperty("outcome", out var outcome) && outcome.GetString() != "attached")
            {
                foreach (var name in _openedInStep)
                {
                    Rig.Good(_rig.Kernel.Close(_open[name]));
                    _open.Remove(name);
                }
            }

            _openedInStep.Clear();
        }

        public void Dispose() => _rig.Dispose();

        private static (string Real, string Ours) Value(JsonElement call, SysResult ours) =>
            (call.TryGetProperty("errno", out var errno) ? $"{new Errno(errno.GetInt32())}" : $"{call.GetProperty("ret").GetInt64()}",
                ours.IsOk ? $"{ours.Value}" : $"{ours.Errno}");

        private static (string Real, string Ours) Unmapped(JsonElement call, Errno errno, (Errno Errno, ulong Size) ours) =>
            ($"{errno} {Number(call, "unmapped"):x}", $"{ours.Errno} {ours.Size:x}");

        /// <summary>The bytes that were passed, and what of them came back; what lies behind was never the kernel's.</summary>
        private (string Real, string Ours) Info(JsonElement call, int fd)
        {
            var bytes = Convert.FromHexString(Text(call, "in"));
            var answered = _rig.Kernel.Ioctl(fd, VfioUapi.IommuGetInfo, bytes);
            return ($"0 {Text(call, "out")[..(2 * bytes.Length)]}", $"{answered.Errno.Number} {Convert.ToHexStringLower(bytes)}");
        }

        private int Descriptor(string name)
        {
            if (!_open.TryGetValue(name, out var descriptor))
            {
                _open[name] = descriptor = _rig.Open(name.Split('#')[0]);
                _openedInStep.Add(name);
            }

            return descriptor;
        }
    }
}
