using Vmm.Litmus.Running;
using Vmm.Litmus.Sites;
using Vmm.Litmus.Stories;
using Vmm.Litmus.Twins;

try
{
    var options = LitmusOptions.Parse(args);
    if (options.Story is not null)
    {
        return Child.Play(options);
    }

    if (options.Helps)
    {
        Console.WriteLine(LitmusOptions.Help);
        return 0;
    }

    if (options.Lists)
    {
        List();
        return 0;
    }

    var isKnown = options.Only is null || TwinTable.All.Any(twin => twin.Name == options.Only) || StoryTable.All.Any(story => story.Name == options.Only);
    return isKnown ? new Trial(options).Run() : throw new ArgumentException($"--only: no twin and no story is called '{options.Only}'; --list names them");
}
catch (ArgumentException fault)
{
    Console.Error.WriteLine($"Vmm.Litmus: {fault.Message}");
    return 2;
}

static void List()
{
    Console.WriteLine("stories");
    foreach (var story in StoryTable.All)
    {
        Console.WriteLine($"  {story.Name,-16} {story.Words}");
    }

    Console.WriteLine("\ntwins: an access, how it is broken, what goes wrong then");
    foreach (var twin in TwinTable.All)
    {
        Console.WriteLine($"  {twin.Name} ({twin.Story}): {twin.How}, {twin.Words}");
        foreach (var site in twin.Covers.SelectMany(SiteTable.Matching).Distinct())
        {
            Console.WriteLine($"    {site}");
        }
    }

    Console.WriteLine("\nwithout a twin, since nobody could see it broken");
    foreach (var (beginning, reason) in TwinTable.Unobservable)
    {
        Console.WriteLine($"  {reason}");
        foreach (var site in SiteTable.Matching(beginning))
        {
            Console.WriteLine($"    {site}");
        }
    }
}
