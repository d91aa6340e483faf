namespace Vmm.Litmus.Sites;

/// <summary>A line of the domain's sources with an access that orders.</summary>
/// <param name="Id">Its place in the table.</param>
/// <param name="File">The file's name: <c>RingSlot.cs</c>.</param>
/// <param name="Line">Counted from 1.</param>
/// <param name="Name">Type, member and access: <c>RingSlot.Park Interlocked.Exchange(ref _isParked, 1)</c>.</param>
internal sealed record Site(int Id, string File, int Line, string Name)
{
    public override string ToString() => $"{Name} ({File}:{Line})";
}
