using Vmm.Contract.Hosts;
using Vmm.Contract.Stories;

namespace Vmm.Contract.Running;

/// <summary>Plays a file of stories and prints what each call answers: to find out what a kernel says, or whether it says what is written.</summary>
internal static class Playing
{
    /// <summary>Exit code 0 when all was answered as written, 1 when something was not, 2 for a bad command line.</summary>
    public static async Task<int> RunAsync(string kernel, string path, string mark)
    {
        if (kernel is not ("linux" or "emulated") || !File.Exists(path))
        {
            await Console.Error.WriteLineAsync($"play: '{kernel} {path}' is not linux or emulated and a file of stories");
            return 2;
        }

        var wrong = 0;
        foreach (var story in StoryFile.Read(new FileInfo(path).FullName, mark))
        {
            using IContractHost host = kernel == "linux" ? new LinuxContractHost() : new EmulatedContractHost();
            var before = host.Held();
            await Console.Out.WriteLineAsync($"story {story.Name}");
            using (var run = new StoryRun(host))
            {
                foreach (var line in story.Lines)
                {
                    var answer = run.Play(line);
                    var isRight = line.Accepts(answer);
                    wrong += isRight ? 0 : 1;
                    await Console.Out.WriteLineAsync($"  {line} => {answer}{(isRight ? "" : $"   # wanted {line.Answer}")}");
                }
            }

            if (host.Held() != before)
            {
                wrong++;
                await Console.Out.WriteLineAsync($"  # left: {host.Held()}, before: {before}");
            }
        }

        return wrong == 0 ? 0 : 1;
    }
}
