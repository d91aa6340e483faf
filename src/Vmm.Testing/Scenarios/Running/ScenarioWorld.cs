using Akka.Actor;
using Akka.Event;
using Vmm.Actors;
using Vmm.Actors.AddressSpaces;
using Vmm.Actors.Client;
using Vmm.Actors.Hosts;
using Vmm.Iommu.Addressing;
using Vmm.Iommu.AddressSpaces;
using Vmm.Iommu.GuestMemory;
using Vmm.Iommu.Planning;
using Vmm.Testing.Decorators;
using Vmm.Testing.GuestIommus;
using Vmm.Testing.Scenarios.Machines;
using Vmm.Testing.Stepping;

namespace Vmm.Testing.Scenarios.Running;

/// <summary>Everything that a running scenario is made of: kernel, order and time, memory, the VMM, its spaces and bindings.</summary>
internal sealed class ScenarioWorld : IDisposable
{
    private readonly List<string> _events = [];
    private readonly CancellationTokenSource _watching = new();
    private readonly List<string> _log = [];
    private readonly List<Task> _watches = [];

    /// <param name="scenario">What is told.</param>
    /// <param name="seed">The order.</param>
    /// <param name="machine">What it runs on; stays the caller's.</param>
    internal ScenarioWorld(HotplugScenario scenario, int seed, IScenarioMachine machine)
    {
        Mode = scenario.Mode;
        Machine = machine;
        Memory = new ScenarioMemory(machine, ScenarioNames.SectionsOf(scenario));
        Faults = new FaultingKernel(machine.Kernel);
        Recording = new RecordingKernel(Faults.ToHostKernel());
        Stepped = SteppedSystem.Create(seed);
        if (ScenarioNames.StepsOf(scenario).Any(step => step.Expect.Log is not null))
        {
            // Debug lines are for those who look for a fault.
            var listener = Stepped.System.ActorOf(Props.Create(() => new LogListenerActor(_log)), "log-listener");
            foreach (var level in new[] { typeof(Info), typeof(Warning), typeof(Error) })
            {
                Stepped.System.EventStream.Subscribe(listener, level);
            }
        }

        Vmm = VmmClient.Create(Stepped.System, new VmmSettings(Recording.ToHostKernel(), Stepped.Workers, Discard)
        {
            Mode = scenario.Mode,
            Backend = scenario.Backend,
            Populate = machine.Populates,
        });
    }

    /// <summary>How views become calls.</summary>
    internal MappingPlanMode Mode { get; }

    internal IScenarioMachine Machine { get; }

    internal ScenarioMemory Memory { get; }

    internal FaultingKernel Faults { get; }

    internal RecordingKernel Recording { get; }

    internal SteppedSystem Stepped { get; }

    internal ScenarioDiscard Discard { get; } = new();

    internal IVmm Vmm { get; }

    internal Dictionary<string, ScenarioSpace> Spaces { get; } = new(StringComparer.Ordinal);

    /// <summary>What the VMM's actors have logged; empty where the scenario expects nothing of it.</summary>
    internal IReadOnlyList<string> Log => _log;

    /// <summary>What the watchers have heard.</summary>
    internal IReadOnlyList<string> Events => _events;

    /// <summary>Makes the spaces, commits their first views, and begins to watch the host.</summary>
    internal void Begin(HotplugScenario scenario)
    {
        _watches.Add(Stepped.Start(() => WatchAsync(Vmm.WatchHostAsync(1024, _watching.Token), HostText)));
        foreach (var script in scenario.Spaces)
        {
            var guest = script.HasGuestIommu ? new GuestIommuModel() : null;
            var client = Stepped.Settle(() => Vmm.CreateAddressSpaceAsync(script.Name, guest), $"address space {script.Name}");
            guest?.Connect(client.Mapper);
            var space = new ScenarioSpace(client, ScriptedView.Of(script.Memory), guest);
            Spaces.Add(script.Name, space);
            _watches.Add(Stepped.Start(() => WatchAsync(
                space.Client.WatchWindowsAsync(1024, _watching.Token),
                happened => happened is WindowsProtocol.WindowsSnapshot ? null : EventText.Of(script.Name, happened))));
            if (script.Holes.Count > 0)
            {
                Stepped.Settle(() => space.Client.ChangeRulesAsync(rules => rules with { Holes = script.Holes }), $"the holes of {script.Name}");
            }

            var first = FirstView(space.View);
            Stepped.Settle(() => CommitAsync(space, first), $"the first view of {script.Name}");
        }
    }

    /// <summary>What the first space shows, in which the targets of every guest's maps lie.</summary>
    internal ScriptedView SystemMemory => Spaces.Values.First().View;

    /// <summary>Makes a view a space's; the first space's is system memory.</summary>
    internal async Task<ViewReport> CommitAsync(ScenarioSpace space, FlatView view)
    {
        if (space == Spaces.Values.First())
        {
            await Vmm.PublishSystemMemoryAsync(view);
        }

        return await space.Client.CommitViewAsync(view);
    }

    // In a step the device may have gone, which is an outcome; in the first view none can be there yet.
    private FlatView FirstView(ScriptedView view)
    {
        try
        {
            return ViewOf(view);
        }
        catch (InvalidOperationException wrong)
        {
            throw new FormatException(wrong.Message, wrong);
        }
    }

    /// <summary>Releases everything of the VMM, in whatever state it is.</summary>
    internal void Release()
    {
        Stepped.ForgetFaults();
        _watching.Cancel();
        Stepped.Settle(() => Vmm.DisposeAsync().AsTask(), "the release of everything");
        Stepped.Settle(() => _watches.TrueForAll(watch => watch.IsCompleted), "the end of the watches");
        Stepped.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => _watching.Dispose();

    internal ScenarioSpace Space(ScenarioStep step) => step.Space is { } name ? Spaces[name] : Spaces.Values.First();

    /// <summary>The view with the memory behind it.</summary>
    /// <exception cref="FormatException">The view cannot be: sections overlap, or a BAR is not there.</exception>
    internal FlatView ViewOf(ScriptedView view)
    {
        try
        {
            return new FlatView(view.Sections.Select(SectionOf));
        }
        catch (ArgumentException wrong)
        {
            throw new FormatException(wrong.Message.Split(" (Parameter '")[0].TrimEnd('.'), wrong);
        }
    }

    /// <summary>What a device is to access, and how.</summary>
    internal DmaTarget TargetOf(ScenarioSpace space, string device, ulong iova, IGuestSight sight)
    {
        var binding = Spaces.Values.Prepend(space).Select(there => there.Bindings.GetValueOrDefault(device)).FirstOrDefault(found => found is not null);
        return new DmaTarget(device, new Iova(iova), binding?.Hardware, sight);
    }

    /// <summary>What the guest sees.</summary>
    /// <exception cref="FormatException">There is no memory at an address.</exception>
    internal byte[] GuestRead(ScriptedView view, ulong address, int count)
    {
        var bytes = new byte[count];
        for (var done = 0; done < count;)
        {
            var part = GuestBytes(view, address + (ulong)done, count - done);
            part.CopyTo(bytes.AsSpan(done));
            done += part.Length;
        }

        return bytes;
    }

    internal void GuestWrite(ScriptedView view, ulong address, ReadOnlySpan<byte> bytes)
    {
        for (var done = 0; done < bytes.Length;)
        {
            var part = GuestBytes(view, address + (ulong)done, bytes.Length - done);
            bytes.Slice(done, part.Length).CopyTo(part);
            done += part.Length;
        }
    }

    private MemorySection SectionOf(SectionScript section)
    {
        if (!section.HasMemory)
        {
            return new MemorySection(section.Range, section.Kind, section.Name, section.Offset, section.ReadOnly, null, 0);
        }

        var (block, offset) = section.Bar is { } bar ? BarOf(section, bar) : (Memory.Block(section.Name), section.Offset);
        return new MemorySection(section.Range, section.Kind, section.Name, section.Offset, section.ReadOnly, block, offset);
    }

    private (RamBlock Block, ulong Offset) BarOf(SectionScript section, string bar)
    {
        var slash = bar.LastIndexOf('/');
        var device = bar[..slash];
        var binding = Spaces.Values.Select(space => space.Bindings.GetValueOrDefault(device)).FirstOrDefault(found => found is not null)
            ?? throw new InvalidOperationException($"{section.Name} shows a BAR of {device}, which is not attached; attach it first");
        var mapped = binding.Hardware.MapRegion(uint.Parse(bar.AsSpan(slash + 1)));
        var part = mapped.IsOk
            ? mapped.Value.FirstOrDefault(part => section.Offset >= part.OffsetInRegion && section.Offset - part.OffsetInRegion < part.Block.Length)
            : null;
        return part is null
            ? throw new FormatException($"{bar} has nothing that can be mapped at 0x{section.Offset:x} {(mapped.IsOk ? "" : $"({mapped.Errno})")}; name another BAR or offset")
            : (part.Block, section.Offset - part.OffsetInRegion);
    }

    private Span<byte> GuestBytes(ScriptedView view, ulong address, int most)
    {
        if (view.At(address) is not { HasMemory: true } section)
        {
            throw new FormatException($"the guest has no memory at 0x{address:x}; name an address in RAM");
        }

        var (block, offset) = section.Bar is { } bar ? BarOf(section, bar) : (Memory.Block(section.Name), section.Offset);
        var inside = address - section.Range.Start.Value;
        var length = (int)UInt128.Min((UInt128)most, section.Range.Length - inside);
        return block.Bytes(offset + inside, length);
    }

    // A watch begins with the host as it is, which is nothing that happened.
    private static string? HostText(HostProtocol.IHostEvent happened) => happened is HostProtocol.TopologySnapshot ? null : EventText.Of(happened);

    private async Task WatchAsync<TEvent>(IAsyncEnumerable<TEvent> events, Func<TEvent, string?> text)
    {
        try
        {
            await foreach (var happened in events)
            {
                if (text(happened) is { } words)
                {
                    _events.Add(words);
                }
            }
        }
        catch (OperationCanceledException) when (_watching.IsCancellationRequested)
        {
            // The scenario is over.
        }
        catch (Exception fault)
        {
            _events.Add($"the watch ended: {fault.Message}");
        }
    }
}
