using LoraRecycle.Service.Platform.Storage;
using LoraRecycle.Service.Platform.Storage.Sequences;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace LoraRecycle.Service.Features.StoredTasks.Storage;

/// <summary>Tasks in the order in which they were stored, whatever the clock says.</summary>
[DbContext(typeof(StateContext)), Migration("20261130010000_TaskOrder")]
internal sealed class TaskOrder : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) =>
        SequenceMigration.Number(migrationBuilder, "tasks", StoredTask.SequenceName);
}
