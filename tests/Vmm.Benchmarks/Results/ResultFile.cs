using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Vmm.Benchmarks.Results;

/// <summary>What one run measured, as it is kept.</summary>
/// <param name="Format">Of the file; this one.</param>
/// <param name="Machine">Where.</param>
/// <param name="IsQuick">True for a look: short blocks, whose figures jitter.</param>
/// <param name="Figures">Each under a name of its own.</param>
internal sealed record ResultFile(string Format, Machine Machine, bool IsQuick, IReadOnlyList<Figure> Figures)
{
    /// <summary>What files of this shape call themselves.</summary>
    public const string CurrentFormat = "vmm-benchmarks-1";

    private const string Cure = "write one with --json FILE";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        RespectNullableAnnotations = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Reads one.</summary>
    /// <exception cref="BadResultsException">It is not there, or no such file.</exception>
    public static ResultFile Read(string path)
    {
        try
        {
            return Parse(path, File.ReadAllText(path));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new BadResultsException($"{path}: cannot be read: {failure.Message} {Cure}", failure);
        }
    }

    /// <summary>Reads a text.</summary>
    /// <param name="path">What a message calls it.</param>
    /// <param name="text">The whole file.</param>
    /// <exception cref="BadResultsException">The text is no file of results.</exception>
    public static ResultFile Parse(string path, string text)
    {
        ResultFile? file;
        try
        {
            file = JsonSerializer.Deserialize<ResultFile>(text, Json);
        }
        catch (JsonException failure)
        {
            throw new BadResultsException($"{path}:{failure.LineNumber + 1}: {failure.Path}: not what a file of results has there; {Cure}", failure);
        }

        var wrong = file is null ? "empty" : file.WhatIsWrong();
        return file is not null && wrong is null ? file : throw new BadResultsException($"{path}: {wrong}; {Cure}");
    }

    /// <summary>Writes this one in place of what is there.</summary>
    /// <exception cref="BadResultsException">It cannot be written there.</exception>
    public void Write(string path)
    {
        try
        {
            File.WriteAllText(path, ToJson() + "\n");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new BadResultsException($"{path}: cannot be written: {failure.Message}", failure);
        }
    }

    /// <summary>The text of the file.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    private string? WhatIsWrong()
    {
        if (Format != CurrentFormat)
        {
            return $"format: '{Format}' is not '{CurrentFormat}'";
        }

        if (Machine is null || Figures is null or { Count: 0 })
        {
            return $"{(Machine is null ? "machine" : "figures")}: there is none";
        }

        var names = new HashSet<string>();
        foreach (var figure in Figures)
        {
            if (figure is not { Name.Length: > 0, Unit.Length: > 0, Aim: not null, Collections: not null })
            {
                return $"figures[{names.Count}]: wants name, unit, aim and collections";
            }

            if (!names.Add(figure.Name))
            {
                return $"figures[{names.Count}]: '{figure.Name}' is there twice";
            }
        }

        return null;
    }
}
