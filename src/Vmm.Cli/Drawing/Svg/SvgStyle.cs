namespace Vmm.Cli.Drawing.Svg;

/// <summary>How a drawing looks: colours that people who see few colours can tell apart, each with a pattern of its own, on light and on dark ground.</summary>
internal static class SvgStyle
{
    internal const string Sheet = """
        svg{--bg:#fff;--card:#fcfcfd;--ink:#1b1f24;--faint:#57606a;--line:#d0d7de;--free:#f3f4f6;--rw:#5aa9e6;--ro:#fff3d0;--ro2:#b7791f;--res:#fde8de;--res2:#c2410c;--skip:#f1e8ff;--skip2:#7c3aed;--dying:#ffdcdc;--dying2:#b91c1c;--out:#c3c9d0;--win:#12805c;--add:#1a7f37;--del:#cf222e;--chg:#9a6700}
        @media (prefers-color-scheme:dark){svg{--bg:#0d1117;--card:#12181f;--ink:#e6edf3;--faint:#9aa4af;--line:#30363d;--free:#1b222b;--rw:#2d74b5;--ro:#3a2e0d;--ro2:#e3b341;--res:#3d1f10;--res2:#f0883e;--skip:#2a1f47;--skip2:#b794f6;--dying:#4a1518;--dying2:#ff7b72;--out:#3d444d;--win:#3fb98a;--add:#3fb950;--del:#ff7b72;--chg:#d29922}}
        text{font-family:ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,"Liberation Mono",monospace;fill:var(--ink)}
        .b{font-weight:700}.f{fill:var(--faint)}.bg{fill:var(--bg)}.card{fill:var(--card);stroke:var(--line)}.plate{fill:var(--card);opacity:.92}.badge{fill:var(--ink)}.onbadge{fill:var(--bg);font-weight:700}
        .axis{stroke:var(--faint);fill:none;stroke-width:1.5}.grid{stroke:var(--line);fill:none}.free{fill:var(--free)}
        .rw{fill:var(--rw)}.ro{fill:url(#ro)}.res{fill:url(#res)}.skip{fill:url(#skip)}.dying{fill:url(#dying)}.out{fill:url(#out)}.wish{fill:url(#wish)}.win{fill:var(--win)}.nowin{fill:none;stroke:var(--out)}
        .box{fill:none;stroke:var(--line)}.added,.removed,.changed,.churned,.window{fill:none;stroke-width:2.5}.added{stroke:var(--add)}.removed{stroke:var(--del);stroke-dasharray:5 3}.changed{stroke:var(--chg);stroke-dasharray:2 2}.churned{stroke:var(--chg)}.window{stroke:var(--win);stroke-dasharray:1 3}
        .tadded{fill:var(--add)}.tremoved{fill:var(--del)}.tchanged,.tchurned{fill:var(--chg)}.twindow{fill:var(--win)}.bad{fill:var(--dying2)}
        .p0{fill:var(--ro)}.p1{stroke:var(--ro2);stroke-width:2}.p2{fill:var(--res)}.p3{stroke:var(--res2);stroke-width:1.2}.p4{fill:var(--skip)}.p5{fill:var(--skip2)}.p6{fill:var(--dying)}.p7{stroke:var(--dying2);stroke-width:2;fill:none}.p8{stroke:var(--out);stroke-width:1}.p9{stroke:var(--res2);stroke-width:2}
        """;

    internal const string Patterns = """
        <pattern id="ro" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="p0" width="7" height="7"/><path class="p1" d="M0 0V7"/></pattern>
        <pattern id="res" width="8" height="8" patternUnits="userSpaceOnUse"><rect class="p2" width="8" height="8"/><path class="p3" d="M0 0L8 8M8 0L0 8"/></pattern>
        <pattern id="skip" width="6" height="6" patternUnits="userSpaceOnUse"><rect class="p4" width="6" height="6"/><circle class="p5" cx="3" cy="3" r="1.3"/></pattern>
        <pattern id="dying" width="8" height="6" patternUnits="userSpaceOnUse"><rect class="p6" width="8" height="6"/><path class="p7" d="M0 1L4 5L8 1"/></pattern>
        <pattern id="out" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)"><path class="p8" d="M0 0V8"/></pattern>
        <pattern id="wish" width="6" height="6" patternUnits="userSpaceOnUse"><path class="p9" d="M0 1H6"/></pattern>
        """;

    /// <summary>The name of a look in the sheet.</summary>
    internal static string Of(Look look) => look switch
    {
        Look.Writable => "rw",
        Look.ReadOnly => "ro",
        Look.Reserved => "res",
        Look.Skipped => "skip",
        Look.Dying => "dying",
        Look.Outside => "out",
        _ => "free",
    };

    /// <summary>The name of a difference in the sheet.</summary>
    internal static string Of(Difference difference) => difference.ToString().ToLowerInvariant();
}
