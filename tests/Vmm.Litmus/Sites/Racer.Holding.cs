using System.Numerics;
using System.Runtime.CompilerServices;

namespace Vmm.Litmus.Sites;

/// <content>A store buffer of a few places: what a thread holds back, other threads do not see yet; it sees it itself.</content>
internal sealed unsafe partial class Racer
{
    private readonly List<Held> _held = [];
    private readonly List<Held> _effects = [];
    private bool _isPastFence;
    private int _loadsLeft;

    /// <summary>True while stores are held back.</summary>
    public bool HoldsBack => _held.Count > 0;

    /// <summary>Holds a store back until a few loads have passed it.</summary>
    /// <param name="place">Where.</param>
    /// <param name="value">What is stored, or added.</param>
    /// <param name="isAdded">True for an addition, which loses nothing of what others add meanwhile.</param>
    public void Hold<T>(ref T place, T value, bool isAdded = false)
        where T : struct, IBinaryInteger<T> => _held.Add(HeldAt(ref place, value, isAdded));

    /// <summary>From here on loads pass the stores that are held back.</summary>
    public void PassFence()
    {
        _isPastFence = _held.Count > 0;
        _loadsLeft = Race.Broken!.Loads;
    }

    /// <summary>A load: of what this thread holds back its own store; else of memory, and only then may the stores go.</summary>
    public T Load<T>(ref T place)
        where T : struct, IBinaryInteger<T>
    {
        if (!_isPastFence)
        {
            Release();
            return ReadNow(ref place);
        }

        var value = ReadNow(ref place);
        foreach (var held in _held)
        {
            if (held.Place == AddressOf(ref place))
            {
                value = held.IsAdded ? value + T.CreateTruncating(held.Value) : T.CreateTruncating(held.Value);
            }
        }

        if (--_loadsLeft <= 0)
        {
            WaitLong();
            Release();
        }

        return value;
    }

    /// <summary>Lets go of the stores, in their order.</summary>
    public void Release()
    {
        foreach (var held in _held)
        {
            held.Store();
        }

        _held.Clear();
        _isPastFence = false;
    }

    /// <summary>What a device or the kernel is told: at once, or where that is what the twin breaks, when the broken access has been.</summary>
    public void Tell(ref long place, long value)
    {
        if (Race.Broken?.How == Breakage.BeforeEffects)
        {
            _effects.Add(HeldAt(ref place, value, isAdded: false));
        }
        else
        {
            System.Threading.Volatile.Write(ref place, value);
        }
    }

    /// <summary>What this thread has told last, or what is there.</summary>
    public long Told(ref long place)
    {
        for (var at = _effects.Count - 1; at >= 0; at--)
        {
            if (_effects[at].Place == AddressOf(ref place))
            {
                return _effects[at].Value;
            }
        }

        return System.Threading.Volatile.Read(ref place);
    }

    /// <summary>Lets what was told have its effect.</summary>
    public void ReleaseEffects()
    {
        foreach (var effect in _effects)
        {
            effect.Store();
        }

        _effects.Clear();
    }

    private static T ReadNow<T>(ref T place)
        where T : struct, IBinaryInteger<T> => System.Threading.Interlocked.CompareExchange(ref place, default, default);

    private static Held HeldAt<T>(ref T place, T value, bool isAdded)
        where T : struct, IBinaryInteger<T> => new(AddressOf(ref place), long.CreateTruncating(value), Unsafe.SizeOf<T>() == sizeof(long), isAdded);

    private readonly struct Held(void* place, long value, bool isLong, bool isAdded)
    {
        public void* Place => place;

        public long Value => value;

        public bool IsAdded => isAdded;

        // SAFETY: the object is alive, since its owner is in the middle of a method of it, and no collection moves it meanwhile.
        public void Store()
        {
            if (isLong)
            {
                _ = isAdded ? System.Threading.Interlocked.Add(ref *(long*)place, value) : System.Threading.Interlocked.Exchange(ref *(long*)place, value);
            }
            else
            {
                _ = isAdded ? System.Threading.Interlocked.Add(ref *(int*)place, (int)value) : System.Threading.Interlocked.Exchange(ref *(int*)place, (int)value);
            }
        }
    }
}
