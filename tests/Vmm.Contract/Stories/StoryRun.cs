using Vmm.Contract.Hosts;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;
using Vmm.Iommu.Topology;

namespace Vmm.Contract.Stories;

/// <summary>
/// Makes the calls of a story on a host and says what each answered. Descriptors and memory have the names that the story gives;
/// what is still open at the end is closed, the devices first.
/// </summary>
public sealed partial class StoryRun(IContractHost host) : IDisposable
{
    private const ulong Page = 0x1000;

    private readonly Dictionary<string, int> _descriptors = [];
    private readonly List<string> _order = [];
    private readonly Dictionary<string, uint> _ids = [];
    private readonly Dictionary<string, int> _groups = [];
    private readonly HashSet<string> _files = [];
    private readonly ProcessRights _before = ProcessRights.Read(host.Kernel.Proc);
    private readonly Dictionary<string, RamBlock> _memory = [];
    private readonly Dictionary<string, (HostAddress Address, ulong Length)> _bars = [];

    private IDevices Devices => host.Kernel.Devices;

    /// <summary>Plays a story and fails at the first call that answers otherwise than wanted.</summary>
    public void Play(Story story)
    {
        foreach (var line in story.Lines)
        {
            var answer = Play(line);
            Assert.True(
                line.Accepts(answer),
                $"{story.Name}\n{line.Place}: {line}: wanted {line.Answer}, {host.Kernel.Name} answered {answer}");
        }
    }

    /// <summary>Makes one call.</summary>
    /// <returns>The answer in a story's words.</returns>
    public string Play(StoryLine line) => line.Verb switch
    {
        "container" => Open(line.Words[0], "/dev/vfio/vfio"),
        "group" => OpenGroup(line.Words[0], host.Device(Role(line.Words[1]))),
        "event" => Keep(line.Words[0], Devices.CreateEvent()),
        "close" => Close(line.Words[0]),
        "version" => Say(VfioCalls.GetApiVersion(Devices, Descriptor(line))),
        "extension" => Say(VfioCalls.CheckExtension(Devices, Descriptor(line), (int)Number(line.Words[1]))),
        "set-container" => Say(VfioCalls.GroupSetContainer(Devices, Descriptor(line), Descriptor(line, 1))),
        "unset-container" => Say(VfioCalls.GroupUnsetContainer(Devices, Descriptor(line))),
        "set-iommu" => Say(VfioCalls.SetIommu(Devices, Descriptor(line), (int)Number(line.Words[1]))),
        "status" => Status(Descriptor(line)),
        "device" => Keep(line.Words[0], VfioCalls.GroupGetDeviceFd(Devices, Descriptor(line, 1), host.Device(Role(line.Words[2])).Name)),
        "bar" => MapBar(line.Words[0], Descriptor(line, 1)),
        "unbar" => UnmapBar(line.Words[0]),
        "memory" => Allocate(line.Words[0], Number(line.Words[1])),
        "map" => Map(line),
        "unmap" => Unmap(line),
        "dirty" => DirtyPages(line),
        "iommufd" => Open(line.Words[0], "/dev/iommu"),
        "cdev" => OpenDeviceNode(line.Words[0], host.Device(Role(line.Words[1])).Name),
        "bind" => Say(VfioCalls.DeviceBindIommufd(Devices, Descriptor(line), Descriptor(line, 1), token: null, out _)),
        "ioas" => AllocateIoas(line.Words[0], Descriptor(line, 1)),
        "attach" => Say(VfioCalls.DeviceAttachIommufdPt(Devices, Descriptor(line), Id(line, 1), out _)),
        "detach" => Say(VfioCalls.DeviceDetachIommufdPt(Devices, Descriptor(line))),
        "destroy" => Say(IommufdCalls.Destroy(Devices, Descriptor(line), Id(line, 1))),
        "ioas-map" => MapInIoas(line),
        "ioas-map-file" => MapFileInIoas(line),
        "ioas-unmap" => UnmapInIoas(line),
        "ioas-copy" => CopyIoas(line),
        "ioctl" => Say(Devices.Ioctl(Descriptor(line), new IoctlCode((uint)Number(line.Words[1]), "a number", HasSize: false), 0)),
        _ => PlayDevice(line) ?? PlayRaw(line) ?? throw new FormatException($"{line.Place}: '{line.Verb}' is no call of stories"),
    };

    /// <summary>The descriptor of a name that a call gave.</summary>
    public int DescriptorOf(string name) => _descriptors[name];

    /// <summary>Closes what is open; the devices were opened last and go first.</summary>
    public void Dispose()
    {
        foreach (var bar in _bars.Keys.ToList())
        {
            UnmapBar(bar);
        }

        foreach (var name in Enumerable.Reverse(_order).Where(_descriptors.ContainsKey).ToList())
        {
            Close(name);
        }

        foreach (var block in _memory.Values)
        {
            block.Retire();
        }
    }

    private static DeviceRole Role(string word) => Enum.Parse<DeviceRole>(word.Replace("-", "", StringComparison.Ordinal), ignoreCase: true);

    private static string Say(SysResult result) => result.IsOk ? $"{result.Value}" : result.Errno.Name;

    private string Status(int group)
    {
        var flags = VfioCalls.GroupGetStatus(Devices, group);
        return flags.IsOk ? $"{flags.Value}" : flags.Errno.Name;
    }

    private string OpenGroup(string name, ContractDevice device)
    {
        _groups[name] = device.Group;
        return Open(name, device.GroupNode);
    }

    private string Open(string name, string path) => Keep(name, Devices.Open(path));

    private string Keep(string name, SysResult opened)
    {
        if (!opened.IsOk)
        {
            return opened.Errno.Name;
        }

        _descriptors.Add(name, opened.Descriptor);
        _order.Add(name);
        return "ok";
    }

    private string Close(string name)
    {
        _descriptors.Remove(name, out var descriptor);
        _order.Remove(name);
        return Say(_files.Remove(name) ? host.Kernel.Memory.CloseMemfd(descriptor) : Devices.Close(descriptor));
    }

    private int Descriptor(StoryLine line, int index = 0) =>
        _descriptors.TryGetValue(line.Words[index], out var descriptor) ? descriptor : (int)Number(line.Words[index]);

    private string MapBar(string name, int device)
    {
        var region = VfioCalls.DeviceGetRegionInfo(Devices, device, 0);
        if (!region.IsOk)
        {
            return region.Errno.Name;
        }

        var info = System.Runtime.InteropServices.MemoryMarshal.Read<VfioUapi.RegionInfo>(region.Value);
        var mapped = host.Kernel.Memory.Map(Page, MappingProtection.ReadWrite, MappingSharing.Shared, device, info.Offset);
        if (mapped.IsOk)
        {
            _bars.Add(name, (new HostAddress((ulong)mapped.Value), Page));
        }

        return mapped.IsOk ? "ok" : mapped.Errno.Name;
    }

    private string UnmapBar(string name)
    {
        _bars.Remove(name, out var bar);
        return Say(host.Kernel.Memory.Unmap(bar.Address, bar.Length));
    }

    private string Allocate(string name, ulong pages)
    {
        _memory.Add(name, RamBlock.Allocate(host.Kernel.Memory, name, pages * Page));
        return "ok";
    }

    /// <summary>Sums and differences of numbers, <c>$last</c> and names of memory: <c>m+0x1000</c>.</summary>
    private ulong Number(string text)
    {
        var at = text.AsSpan(1).LastIndexOfAny('+', '-') + 1;
        return at > 0
            ? text[at] == '+' ? unchecked(Number(text[..at]) + Number(text[(at + 1)..])) : unchecked(Number(text[..at]) - Number(text[(at + 1)..]))
            : text == "$last" ? host.LastIova
            : _memory.TryGetValue(text, out var block) ? block.Address.Value
            : _bars.TryGetValue(text, out var bar) ? bar.Address.Value
            : _ids.TryGetValue(text, out var id) ? id
            : text.StartsWith("0x", StringComparison.Ordinal) ? Convert.ToUInt64(text[2..], 16)
            : ulong.Parse(text);
    }
}
