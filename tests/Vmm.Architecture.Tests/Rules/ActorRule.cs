using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Vmm.Architecture.Tests.Tree;

namespace Vmm.Architecture.Tests.Rules;

/// <summary>The part of Akka that we use, and how.</summary>
internal static class ActorRule
{
    private static readonly Dictionary<string, string> Out = new()
    {
        ["ReceiveAsync"] = "a Stop during an await drops the rest of the handler: pipe the result back and receive it",
        ["ReceiveAnyAsync"] = "a Stop during an await drops the rest of the handler: pipe the result back and receive it",
        ["RunTask"] = "a Stop during an await drops the rest of the handler: pipe the result back and receive it",
        ["BecomeStacked"] = "behaviours do not stack: Become the state",
        ["UnbecomeStacked"] = "behaviours do not stack: Become the state",
        ["ActorSelection"] = "hand the reference over instead of looking a path up",
        ["ReceiveTimeout"] = "use a timer with a key",
        ["SetReceiveTimeout"] = "use a timer with a key",
        ["GracefulStop"] = "watch, stop, and wait for Terminated",
        ["CoordinatedShutdown"] = "it skips a task after its time: ordered stop is the hosted service's StopAsync",
        ["AllForOneStrategy"] = "supervision is OneForOne and stops",
        ["BoundedStash"] = "the stash is unbounded",
        ["IWithBoundedStash"] = "the stash is unbounded",
        ["Kill"] = "stop it, or send PoisonPill",
        ["Identify"] = "hand the reference over instead of looking a path up",
        ["EventFilter"] = "test what an actor answers, not what it logs",
        ["TestActorRef"] = "talk to an actor through its mailbox",
    };

    private static readonly string[] Decisions = ["Restart", "Resume", "Escalate"];

    /// <summary>Files that may ask: the thread-safe faces that callers outside of actors hold.</summary>
    public static bool MayAsk(SourceFile file) => file.Folder.Split('/')[0] is "Client";

    /// <summary>Members that design/akka.md leaves out.</summary>
    public static IEnumerable<Violation> CheckSubset(SourceFile file)
    {
        foreach (var name in file.Nodes<SimpleNameSyntax>())
        {
            if (Out.TryGetValue(name.Identifier.Text, out var instead) && IsAkkas(name))
            {
                yield return file.At(name, $"{name.Identifier} is outside the part of Akka that we use: {instead}");
            }

            if (name.Parent is MemberAccessExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.Text: "Directive" } } && Decisions.Contains(name.Identifier.Text))
            {
                yield return file.At(name, $"Directive.{name.Identifier}: supervision stops, and a ledger outlives the actor");
            }
        }
    }

    /// <summary>A handler is no async lambda: it would return at its first await.</summary>
    public static IEnumerable<Violation> CheckHandlers(SourceFile file) =>
        from call in file.Nodes<InvocationExpressionSyntax>()
        where MethodName(call) is "Receive" or "ReceiveAny"
        from argument in call.ArgumentList.Arguments
        where argument.Expression is AnonymousFunctionExpressionSyntax { AsyncKeyword.RawKind: not 0 }
        select file.At(argument, "an async handler: pipe the result back and receive it");

    /// <summary>Ask only from a face, always with a time-out.</summary>
    public static IEnumerable<Violation> CheckAsk(SourceFile file)
    {
        foreach (var call in file.Nodes<InvocationExpressionSyntax>().Where(call => MethodName(call) == "Ask" && call.Expression is MemberAccessExpressionSyntax))
        {
            if (!MayAsk(file))
            {
                yield return file.At(call, "Ask outside a face (the folder Client): tell, with an explicit reply-to");
            }

            if (!call.ArgumentList.Arguments.Skip(1).Any(IsTimeout))
            {
                yield return file.At(call, "Ask without a time-out: pass one, and send Abandon when it has run out");
            }
        }
    }

    /// <summary>Nothing waits on a task. The result of one that the lines above have seen complete may be taken.</summary>
    public static IEnumerable<Violation> CheckBlocking(SourceFile file)
    {
        foreach (var access in file.Nodes<MemberAccessExpressionSyntax>())
        {
            var isCalled = access.Parent is InvocationExpressionSyntax;
            var blocks = access.Name.Identifier.Text switch
            {
                "GetResult" => isCalled && access.Expression.ToString().EndsWith("GetAwaiter()", StringComparison.Ordinal) && !IsSeenComplete(file, access),
                "Wait" or "WaitAll" or "WaitAny" => isCalled && access.Expression.ToString() is var target && IsTask(target),
                "Result" => !isCalled && IsTask(access.Expression.ToString()),
                _ => false,
            };
            if (blocks)
            {
                yield return file.At(access, $"{access.Name} blocks the thread: await, or pipe the result back");
            }
        }
    }

    private static bool IsSeenComplete(SourceFile file, SyntaxNode place) =>
        SourceFile.LineOf(place) is var line && file.LinesHold(line - 3, line, "IsCompleted");

    // Roughly: the analyzer with BannedSymbols.txt knows types; this sees what it is told not to look at.
    private static bool IsTask(string expression) =>
        expression.EndsWith("Task", StringComparison.OrdinalIgnoreCase) || expression.EndsWith("Async()", StringComparison.Ordinal)
        || expression is ['_' or 't', ..] && expression.EndsWith("completion", StringComparison.OrdinalIgnoreCase)
        || (expression.EndsWith(')') && expression.Contains("Async(", StringComparison.Ordinal));

    private static bool IsTimeout(ArgumentSyntax argument) =>
        argument.NameColon?.Name.Identifier.Text == "timeout"
        || argument.Expression.ToString() is var text
            && (text.Contains("imeout", StringComparison.Ordinal) || text.Contains("TimeSpan", StringComparison.Ordinal) || text.Contains("Patience", StringComparison.OrdinalIgnoreCase));

    private static string? MethodName(InvocationExpressionSyntax call) => call.Expression switch
    {
        MemberAccessExpressionSyntax access => access.Name.Identifier.Text,
        SimpleNameSyntax name => name.Identifier.Text,
        _ => null,
    };

    // Words that are also plain English count only where they can be Akka's: a type that is made or matched, or a static.
    private static bool IsAkkas(SimpleNameSyntax name) => name.Identifier.Text switch
    {
        "Kill" or "Identify" or "ReceiveTimeout" => name.Parent is ObjectCreationExpressionSyntax or TypeArgumentListSyntax
            || name.Parent is MemberAccessExpressionSyntax { Name.Identifier.Text: "Instance" },
        _ => true,
    };
}
