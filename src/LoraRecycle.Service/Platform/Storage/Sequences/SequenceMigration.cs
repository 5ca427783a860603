using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace LoraRecycle.Service.Platform.Storage.Sequences;

/// <summary>The numbers that were given last.</summary>
[DbContext(typeof(StateContext)), Migration("20261130000000_Sequences")]
internal sealed class SequenceMigration : Migration
{
    /// <summary>Numbers the rows that are there, in the order of their ids, which begin with the time.</summary>
    public static void Number(MigrationBuilder migrationBuilder, string table, string name)
    {
        migrationBuilder.AddColumn<long>("sequence", table, defaultValue: 0L);
        migrationBuilder.Sql(
            $"""
            UPDATE {table} SET sequence = numbered.place
            FROM (SELECT id AS numbered_id, ROW_NUMBER() OVER (ORDER BY id) AS place FROM {table}) AS numbered
            WHERE numbered.numbered_id = {table}.id
            """
        );
        migrationBuilder.Sql($"INSERT INTO sequences (name, value) SELECT '{name}', COUNT(*) FROM {table}");
        migrationBuilder.CreateIndex($"IX_{table}_sequence", table, "sequence");
    }

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.CreateTable(
        "sequences",
        table => new
        {
            name = table.Column<string>(maxLength: Sequence.NameLength),
            value = table.Column<long>(),
        },
        constraints: table => table.PrimaryKey("PK_sequences", row => row.name));
}
