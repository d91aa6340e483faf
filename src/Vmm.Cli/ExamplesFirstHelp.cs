using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Runtime.CompilerServices;

namespace Vmm.Cli;

/// <summary>Help that starts with examples, then says what the options are, then what else a verb has to say.</summary>
internal static class ExamplesFirstHelp
{
    private static readonly ConditionalWeakTable<Command, HelpText> Texts = [];

    /// <summary>Gives a verb its examples: whole command lines that work in a clone of the project.</summary>
    public static Command WithExamples(this Command command, params IReadOnlyList<string> examples)
    {
        Texts.GetOrCreateValue(command).Examples = examples;
        return command;
    }

    /// <summary>Gives a verb a text below its options.</summary>
    public static Command WithRemarks(this Command command, string remarks)
    {
        Texts.GetOrCreateValue(command).Remarks = remarks;
        return command;
    }

    /// <summary>Puts the examples in front of the help of a command and of all its verbs. Alone, the command shows its help.</summary>
    public static void Install(RootCommand root)
    {
        var option = root.Options.OfType<HelpOption>().Single();
        var action = new Action((HelpAction)option.Action!);
        option.Action = action;
        root.SetAction(action.Invoke);
    }

    /// <summary>Examples of a command; empty where it has none.</summary>
    public static IReadOnlyList<string> ExamplesOf(Command command) => Texts.TryGetValue(command, out var text) ? text.Examples : [];

    private sealed class HelpText
    {
        public IReadOnlyList<string> Examples { get; set; } = [];

        public string Remarks { get; set; } = "";
    }

    private sealed class Action(HelpAction inner) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var output = parseResult.InvocationConfiguration.Output;
            Texts.TryGetValue(parseResult.CommandResult.Command, out var text);
            output.WriteLine("Examples:");
            foreach (var example in text?.Examples ?? [])
            {
                output.WriteLine($"  {example}");
            }

            output.WriteLine();
            inner.Invoke(parseResult);
            output.Write(text?.Remarks);
            return ExitCode.Done;
        }
    }
}
