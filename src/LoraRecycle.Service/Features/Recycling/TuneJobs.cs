using LoraRecycle.Service.Features.Recycling.Jobs;
using LoraRecycle.Service.Platform.Storage;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace LoraRecycle.Service.Features.Recycling;

/// <summary>Jobs of two kinds; those that were there recycle.</summary>
[DbContext(typeof(StateContext)), Migration("20261130030000_TuneJobs")]
internal sealed class TuneJobs : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.AddColumn<string>(
        "kind", "recycle_jobs", maxLength: RecycleJob.StateLength, nullable: false, defaultValue: nameof(JobKind.Recycle));
}
