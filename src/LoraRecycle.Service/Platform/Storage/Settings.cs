using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace LoraRecycle.Service.Platform.Storage;

/// <summary>What the service was told and remembers. Columns have no type of one provider: each maps the CLR's.</summary>
[DbContext(typeof(StateContext)), Migration("20261122000000_Settings")]
internal sealed class Settings : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.CreateTable(
        "settings",
        table => new
        {
            key = table.Column<string>(maxLength: Setting.KeyLength),
            value = table.Column<string>(),
            version = table.Column<long>(),
        },
        constraints: table => table.PrimaryKey("PK_settings", row => row.key));
}
