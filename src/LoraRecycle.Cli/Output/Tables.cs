using System.Globalization;
using Spectre.Console;

namespace LoraRecycle.Cli.Output;

/// <summary>Tables for people, on any writer: plain text and wide enough when that is no terminal.</summary>
internal static class Tables
{
    private const int WidthWithoutTerminal = 120;

    public static Table New(params string[] columns)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var column in columns)
            table.AddColumn(new TableColumn(Markup.Escape(column)) { NoWrap = true });
        return table;
    }

    /// <summary>Adds a row of text, whatever brackets it holds.</summary>
    public static Table Row(this Table table, params string[] cells) => table.AddRow([.. cells.Select(Markup.Escape)]);

    public static void WriteTable(this TextWriter output, Table table)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        if (!console.Profile.Out.IsTerminal)
            console.Profile.Width = WidthWithoutTerminal;
        console.Write(table);
    }

    public static string Percent(double fraction) => (fraction * 100).ToString("0.00", CultureInfo.InvariantCulture);
}
