using LoraRecycle.Service.Features.Loras.Storage;
using LoraRecycle.Service.Features.MetaLoras;
using LoraRecycle.Service.Features.Recycling.Jobs;
using LoraRecycle.Service.Platform.Storage;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace LoraRecycle.Service.Features.Recycling;

/// <summary>Recycling jobs, their units and events, and the leases on what they use.</summary>
[DbContext(typeof(StateContext)), Migration("20261122020000_RecycleJobs")]
internal sealed class RecycleJobs : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            "recycle_jobs",
            table => new
            {
                id = table.Column<string>(maxLength: RecycleJob.IdLength),
                created = table.Column<long>(),
                started = table.Column<long>(nullable: true),
                ended = table.Column<long>(nullable: true),
                state = table.Column<string>(maxLength: RecycleJob.StateLength),
                stage = table.Column<string>(maxLength: RecycleJob.StateLength),
                stage_started = table.Column<long>(),
                meta_lora = table.Column<string>(maxLength: MetaLoraNames.MaxLength),
                claimed_name = table.Column<string>(maxLength: MetaLoraNames.MaxLength, nullable: true),
                settings = table.Column<string>(),
                loras = table.Column<string>(),
                events = table.Column<long>(),
                error = table.Column<string>(nullable: true),
                activation = table.Column<string>(nullable: true),
            },
            constraints: table => table.PrimaryKey("PK_recycle_jobs", row => row.id));
        migrationBuilder.CreateIndex("IX_recycle_jobs_claimed_name", "recycle_jobs", "claimed_name", unique: true);
        migrationBuilder.CreateTable(
            "recycle_units",
            table => new
            {
                job_id = table.Column<string>(maxLength: RecycleJob.IdLength),
                number = table.Column<int>(),
                kind = table.Column<string>(maxLength: RecycleJob.StateLength),
                loras = table.Column<string>(),
                state = table.Column<string>(maxLength: RecycleJob.StateLength),
                attempts = table.Column<int>(),
                fence = table.Column<long>(),
                owner = table.Column<string>(maxLength: RecycleUnit.OwnerLength, nullable: true),
                started = table.Column<long>(nullable: true),
                ended = table.Column<long>(nullable: true),
                heartbeat = table.Column<long>(nullable: true),
                not_before = table.Column<long>(),
                iteration = table.Column<long>(),
                iterations = table.Column<long>(),
                loss = table.Column<double>(nullable: true),
                result = table.Column<string>(nullable: true),
                error = table.Column<string>(nullable: true),
            },
            constraints: table => table.PrimaryKey("PK_recycle_units", row => new { row.job_id, row.number }));
        migrationBuilder.CreateTable(
            "recycle_events",
            table => new
            {
                job_id = table.Column<string>(maxLength: RecycleJob.IdLength),
                number = table.Column<long>(),
                time = table.Column<long>(),
                type = table.Column<string>(maxLength: RecycleEvent.TypeLength),
                data = table.Column<string>(),
            },
            constraints: table => table.PrimaryKey("PK_recycle_events", row => new { row.job_id, row.number }));
        migrationBuilder.CreateTable(
            "lora_leases",
            table => new
            {
                lora = table.Column<string>(maxLength: LoraLease.LoraLength),
                holder = table.Column<string>(maxLength: LoraLease.HolderLength),
                taken = table.Column<long>(),
            },
            constraints: table => table.PrimaryKey("PK_lora_leases", row => new { row.lora, row.holder }));
    }
}
