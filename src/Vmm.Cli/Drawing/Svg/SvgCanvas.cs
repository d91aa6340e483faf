using System.Globalization;
using System.Text;
using System.Xml;

namespace Vmm.Cli.Drawing.Svg;

/// <summary>Writes shapes and texts, and remembers where each text stands. Names from outside may hold anything: they come out as text.</summary>
internal sealed class SvgCanvas : IDisposable
{
    private readonly StringBuilder _body = new();
    private readonly XmlWriter _xml;
    private readonly List<TextBox> _texts = [];

    internal SvgCanvas() => _xml = XmlWriter.Create(_body, new XmlWriterSettings { ConformanceLevel = ConformanceLevel.Fragment, OmitXmlDeclaration = true, NewLineChars = "\n" });

    /// <summary>Every text, in the order written.</summary>
    internal IReadOnlyList<TextBox> Texts => _texts;

    /// <summary>A shape's name in the style sheet, and the words that a pointer over it brings up.</summary>
    internal void Rect(double x, double y, double width, double height, string look, string? title = null, double round = 0)
    {
        _xml.WriteStartElement("rect");
        Attributes(("x", x), ("y", y), ("width", width), ("height", height));
        if (round > 0)
        {
            Attributes(("rx", round));
        }

        End(look, title);
    }

    /// <summary>A path in SVG's own words.</summary>
    internal void Path(string path, string look, string? title = null)
    {
        _xml.WriteStartElement("path");
        _xml.WriteAttributeString("d", path);
        End(look, title);
    }

    /// <summary>A text of one line, centred on <paramref name="middle"/> from top to bottom, cut where it is wider than it may be.</summary>
    /// <returns>The width that it takes.</returns>
    internal double Text(double x, double middle, string text, double size, double width, string look = "", TextSide side = TextSide.Start)
    {
        var shown = TextWidth.Fit(Clean(text), size, width);
        if (shown.Length == 0)
        {
            return 0;
        }

        var wide = TextWidth.Of(shown, size);
        _texts.Add(new TextBox(side == TextSide.End ? x - wide : x, middle - (size / 2), wide, size, shown));
        _xml.WriteStartElement("text");
        Attributes(("x", x), ("y", middle + (size * 0.35)));
        if (side == TextSide.End)
        {
            _xml.WriteAttributeString("text-anchor", "end");
        }

        _xml.WriteAttributeString("font-size", Number(size));
        if (look.Length > 0)
        {
            _xml.WriteAttributeString("class", look);
        }

        if (shown != text)
        {
            Title(text);
        }

        _xml.WriteString(shown);
        _xml.WriteEndElement();
        return wide;
    }

    /// <summary>A line break in the file, so that people can read it.</summary>
    internal void Break() => _xml.WriteRaw("\n");

    /// <summary>Everything so far.</summary>
    internal string Body()
    {
        _xml.Flush();
        return _body.ToString();
    }

    public void Dispose() => _xml.Dispose();

    /// <summary>A length as SVG writes it.</summary>
    internal static string Number(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);

    /// <summary>XML has no word for most control characters and half characters.</summary>
    internal static string Clean(string text)
    {
        if (text.All(letter => !char.IsControl(letter) && !char.IsSurrogate(letter) && XmlConvert.IsXmlChar(letter)))
        {
            return text;
        }

        var clean = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            clean.Append(Rune.IsControl(rune) || rune.Value is 0xfffe or 0xffff ? Rune.ReplacementChar : rune);
        }

        return clean.ToString();
    }

    private void End(string look, string? title)
    {
        _xml.WriteAttributeString("class", look);
        if (title is not null)
        {
            Title(title);
        }

        _xml.WriteEndElement();
    }

    private void Title(string text) => _xml.WriteElementString("title", Clean(text));

    private void Attributes(params ReadOnlySpan<(string Name, double Value)> attributes)
    {
        foreach (var (name, value) in attributes)
        {
            _xml.WriteAttributeString(name, Number(value));
        }
    }
}
