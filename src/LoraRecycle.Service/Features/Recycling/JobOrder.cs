using LoraRecycle.Service.Features.Recycling.Jobs;
using LoraRecycle.Service.Platform.Storage;
using LoraRecycle.Service.Platform.Storage.Sequences;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace LoraRecycle.Service.Features.Recycling;

/// <summary>Jobs in the order in which they were accepted, whatever the clock says.</summary>
[DbContext(typeof(StateContext)), Migration("20261130020000_JobOrder")]
internal sealed class JobOrder : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) =>
        SequenceMigration.Number(migrationBuilder, "recycle_jobs", RecycleJob.SequenceName);
}
