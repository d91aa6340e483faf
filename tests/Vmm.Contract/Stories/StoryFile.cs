namespace Vmm.Contract.Stories;

/// <summary>
/// A file of stories: <c>story NAME</c> begins one, <c>before</c> the calls that come before each, <c>#</c> a remark. A story or
/// call with <c>[MARK]</c> before it is for readers that ask for the mark.
/// </summary>
internal static class StoryFile
{
    /// <summary>The stories of a file in Data.</summary>
    /// <exception cref="FormatException">Says file and line.</exception>
    public static IReadOnlyList<Story> Read(string name, string mark = "")
    {
        var stories = new List<Story>();
        List<StoryLine> before = [], lines = before;
        var isWanted = true;
        var number = 0;
        foreach (var raw in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Data", name)))
        {
            number++;
            var text = raw.Split('#')[0].Trim();
            var isMine = TakeMark(ref text, mark);
            if (text.StartsWith("story ", StringComparison.Ordinal))
            {
                isWanted = isMine;
                lines = [.. before];
                if (isWanted)
                {
                    stories.Add(new Story(text[6..], lines));
                }
            }
            else if (text.Length > 0 && text != "before" && isWanted && isMine)
            {
                lines.Add(StoryLine.Parse($"{name}:{number}", text));
            }
        }

        return stories;
    }

    private static bool TakeMark(ref string text, string mark)
    {
        if (!text.StartsWith('['))
        {
            return true;
        }

        var end = text.IndexOf(']');
        var isMine = text[1..end] == mark;
        text = text[(end + 1)..].Trim();
        return isMine;
    }
}
