using Vmm.Iommu.Kernel;
using Vmm.Iommu.Results;

namespace Vmm.Testing.Decorators;

/// <summary>
/// Hands every call on to another kernel, but lets chosen calls to devices and memory fail, or runs something when they come.
/// Calls are counted from 1, from the moment a plan is made. A close always closes, as on Linux, whatever it answers; a
/// descriptor or a mapping that a call made before it was told to fail is taken back, because nobody else could. Thread-safe.
/// </summary>
public sealed partial class FaultingKernel : IDevices, IMemory
{
    private readonly HostKernel _inner;
    private readonly Lock _gate = new();
    private readonly List<Plan> _plans = [];
    private readonly List<string> _struck = [];
    private long _count;

    /// <summary>Stands in front of <paramref name="inner"/>.</summary>
    public FaultingKernel(HostKernel inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        _inner = inner;
    }

    /// <summary>Calls so far.</summary>
    public long Count
    {
        get
        {
            lock (_gate)
            {
                return _count;
            }
        }
    }

    /// <summary>Plans whose call has not come yet.</summary>
    public int Pending
    {
        get
        {
            lock (_gate)
            {
                return _plans.Count;
            }
        }
    }

    /// <summary>The calls that a plan made fail, by name, in order; a call that the inner kernel refused by itself is among them.</summary>
    public IReadOnlyList<string> Struck
    {
        get
        {
            lock (_gate)
            {
                return [.. _struck];
            }
        }
    }

    /// <summary>The sides of the kernel with this one in front of devices and memory; the name is the inner kernel's.</summary>
    public HostKernel ToHostKernel() => _inner with { Devices = this, Memory = this };

    /// <summary>Lets one call fail.</summary>
    /// <param name="nth">Which of the calls that match, from 1.</param>
    /// <param name="errno">What it answers.</param>
    /// <param name="moment">Without its effect, or with it.</param>
    /// <param name="call">
    /// The request's kernel name, or <c>open</c>, <c>close</c>, <c>eventfd</c>, <c>memfd_create</c>, <c>mmap</c>, <c>munmap</c>,
    /// <c>populate</c>; null for every call.
    /// </param>
    public void FailAt(int nth, Errno errno, FaultMoment moment = FaultMoment.BeforeEffect, string? call = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(nth);
        ArgumentOutOfRangeException.ThrowIfZero(errno.Number, nameof(errno));
        Add(new Plan(call, nth, errno, moment, null));
    }

    /// <summary>Runs something when a call comes, before its effect, on the thread that makes it.</summary>
    /// <param name="nth">Which of the calls that match, from 1.</param>
    /// <param name="action">What runs; may make calls of its own, which are counted too.</param>
    /// <param name="call">As for <see cref="FailAt"/>.</param>
    public void RunAt(int nth, Action action, string? call = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(nth);
        ArgumentNullException.ThrowIfNull(action);
        Add(new Plan(call, nth, Errno.None, FaultMoment.BeforeEffect, action));
    }

    /// <summary>Forgets every plan.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            _plans.Clear();
        }
    }

    /// <inheritdoc/>
    public SysResult Open(string path)
    {
        var fault = Next("open");
        return fault is { Moment: FaultMoment.BeforeEffect } ? fault.Errno : Opened(fault, _inner.Devices.Open(path));
    }

    /// <inheritdoc/>
    public SysResult Close(int descriptor)
    {
        var fault = Next("close");
        var result = _inner.Devices.Close(descriptor);
        return fault is null || !result.IsOk ? result : fault.Errno;
    }

    /// <inheritdoc/>
    public SysResult CreateEvent()
    {
        var fault = Next("eventfd");
        return fault is { Moment: FaultMoment.BeforeEffect } ? fault.Errno : Opened(fault, _inner.Devices.CreateEvent());
    }

    /// <inheritdoc/>
    public SysResult Ioctl(int descriptor, IoctlCode request, ulong value)
    {
        var fault = Next(request.Name);
        return fault is { Moment: FaultMoment.BeforeEffect } ? fault.Errno : Told(fault, request, _inner.Devices.Ioctl(descriptor, request, value));
    }

    /// <inheritdoc/>
    public SysResult Ioctl(int descriptor, IoctlCode request, Span<byte> argument)
    {
        var fault = Next(request.Name);
        return fault is { Moment: FaultMoment.BeforeEffect } ? fault.Errno : Told(fault, request, _inner.Devices.Ioctl(descriptor, request, argument));
    }

    /// <inheritdoc/>
    public SysResult Ioctl(int descriptor, IoctlCode request, Span<byte> argument, int pointerAt, Span<byte> buffer)
    {
        var fault = Next(request.Name);
        return fault is { Moment: FaultMoment.BeforeEffect }
            ? fault.Errno
            : Told(fault, request, _inner.Devices.Ioctl(descriptor, request, argument, pointerAt, buffer));
    }

    private SysResult Told(Plan? fault, IoctlCode request, SysResult result) =>
        request.Name == VfioUapi.GroupGetDeviceFd.Name ? Opened(fault, result)
        : fault is null || !result.IsOk ? result
        : fault.Errno;

    private SysResult Opened(Plan? fault, SysResult result)
    {
        if (fault is null || !result.IsOk)
        {
            return result;
        }

        _inner.Devices.Close(result.Descriptor);
        return fault.Errno;
    }

    private void Add(Plan plan)
    {
        lock (_gate)
        {
            _plans.Add(plan);
        }
    }

    /// <summary>Counts a call; answers the failure planned for it, after running what is planned for it.</summary>
    private Plan? Next(string call)
    {
        List<Plan> due;
        lock (_gate)
        {
            _count++;
            due = _plans.FindAll(plan => plan.Comes(call));
            _plans.RemoveAll(due.Contains);
        }

        foreach (var plan in due)
        {
            plan.Action?.Invoke();
        }

        var fault = due.Find(plan => plan.Action is null);
        if (fault is not null)
        {
            lock (_gate)
            {
                _struck.Add(call);
            }
        }

        return fault;
    }

    private sealed class Plan(string? call, int nth, Errno errno, FaultMoment moment, Action? action)
    {
        private int _left = nth;

        public Errno Errno => errno;

        public FaultMoment Moment => moment;

        public Action? Action => action;

        public bool Comes(string made) => (call is null || call == made) && --_left == 0;
    }
}
