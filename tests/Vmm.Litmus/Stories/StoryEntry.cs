namespace Vmm.Litmus.Stories;

/// <summary>A story that can be told.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Words">What it is about.</param>
/// <param name="Make">Begins it.</param>
internal sealed record StoryEntry(string Name, string Words, Func<Story> Make);
