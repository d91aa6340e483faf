using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Vmm.Architecture.Tests.Tree;
using Vmm.Cli;
using Vmm.Hosting;

namespace Vmm.Architecture.Tests;

/// <summary>The options of the host, configs/vmm.json and the help of <c>vmm serve</c> say the same.</summary>
public sealed class OptionTests
{
    private const string Config = "configs/vmm.json";
    private static readonly JsonDocumentOptions WithComments = new() { CommentHandling = JsonCommentHandling.Skip };

    /// <summary>Properties that a file can set: everything but delegates, which only a program can pass.</summary>
    private static IEnumerable<PropertyInfo> Properties =>
        typeof(VmmOptions).Assembly.GetExportedTypes()
            .Where(type => type.Name.EndsWith("Options", StringComparison.Ordinal))
            .SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
            .Where(property => !typeof(Delegate).IsAssignableFrom(property.PropertyType));

    private static Dictionary<string, PropertyInfo> Keys => Properties.ToDictionary(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name));

    [Fact]
    public void The_file_holds_every_key_once()
    {
        using var file = JsonDocument.Parse(Repository.Read(Config), WithComments);
        Assert.Equal(
            Keys.Keys.Order(StringComparer.Ordinal),
            file.RootElement.EnumerateObject().Select(key => key.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_file_shows_the_defaults()
    {
        using var file = JsonDocument.Parse(Repository.Read(Config), WithComments);
        Violation.AssertNone(
            from key in file.RootElement.EnumerateObject()
            let property = Keys.GetValueOrDefault(key.Name)
            let value = property?.GetValue(Activator.CreateInstance(property.DeclaringType!))
            where value is not null && Text(value) != Text(Read(key.Value, value))
            select new Violation(Config, 0, $"{key.Name} is {key.Value}, the default of {property!.DeclaringType!.Name}.{property.Name} is {Text(value)}: mend one of them"));
    }

    [Fact]
    public void Every_key_has_a_comment_above() =>
        Violation.AssertNone(WithoutComment(Repository.Read(Config)));

    [Theory]
    [InlineData("{\n  // one\n  \"a\": 1,\n  \"b\": 2\n}", 4)]
    [InlineData("{\n  \"a\": 1\n}", 2)]
    public void A_key_without_a_comment_is_found(string text, int line) => Assert.Equal(line, Assert.Single(WithoutComment(text)).Line);

    [Fact]
    public void A_key_under_a_comment_is_let_through() => Assert.Empty(WithoutComment("{\n  // one\n  \"a\": 1\n}"));

    [Fact]
    public async Task The_help_names_every_key_and_its_default()
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await VmmCommand.RunAsync(["serve", "--help"], new CliConsole(TextReader.Null, output, error, IsTerminal: false, Width: 160), CancellationToken.None);
        Assert.Equal((0, ""), (code, error.ToString()));
        using var file = JsonDocument.Parse(Repository.Read(Config), WithComments);
        Violation.AssertNone(
            from key in file.RootElement.EnumerateObject()
            let line = output.ToString().Split('\n').FirstOrDefault(line => Regex.IsMatch(line, $@"(^|\W){key.Name}\b", RegexOptions.None, TimeSpan.FromSeconds(1)))
            where line is null || (HasDefault(key.Name) && !line.Contains(key.Value.ToString(), StringComparison.OrdinalIgnoreCase))
            select new Violation("vmm serve --help", 0, $"{key.Name} = {key.Value} is not shown: found '{line}'"));
    }

    private static bool HasDefault(string key) =>
        Keys[key] is var property && property.GetValue(Activator.CreateInstance(property.DeclaringType!)) is not null;

    private static List<Violation> WithoutComment(string text)
    {
        var lines = text.Split('\n');
        return
        [
            .. from index in Enumerable.Range(0, lines.Length)
               where lines[index].TrimStart().StartsWith('"') && (index == 0 || !lines[index - 1].TrimStart().StartsWith("//", StringComparison.Ordinal))
               select new Violation(Config, index + 1, $"{lines[index].Trim()} has no comment above: say what it does, its unit and its default"),
        ];
    }

    private static object? Read(JsonElement value, object like) => like switch
    {
        TimeSpan => TimeSpan.Parse(value.GetString()!),
        bool => value.GetBoolean(),
        string => value.GetString(),
        Enum => value.GetString(),
        _ => value.GetDecimal(),
    };

    private static string Text(object? value) => value is Enum ? JsonNamingPolicy.CamelCase.ConvertName($"{value}") : $"{value}";
}
