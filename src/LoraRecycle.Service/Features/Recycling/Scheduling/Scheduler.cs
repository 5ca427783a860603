using LoraRecycle.Service.Platform.Storage;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace LoraRecycle.Service.Features.Recycling.Scheduling;

/// <summary>
/// The tables that Quartz keeps its jobs and triggers in, with the names that its store asks for. Times are ticks or
/// milliseconds, as it writes them.
/// </summary>
[DbContext(typeof(StateContext)), Migration("20261122030000_Scheduler")]
internal sealed class Scheduler : Migration
{
    private const string Triggers = "qrtz_triggers";

    private static readonly string[] TriggerKey = ["sched_name", "trigger_name", "trigger_group"];

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        Work(migrationBuilder);
        Kinds(migrationBuilder);
        Nodes(migrationBuilder);
        migrationBuilder.CreateIndex("IX_qrtz_triggers_due", Triggers, ["sched_name", "trigger_state", "next_fire_time"]);
        migrationBuilder.CreateIndex("IX_qrtz_triggers_job", Triggers, ["sched_name", "job_name", "job_group"]);
        migrationBuilder.CreateIndex(
            "IX_qrtz_fired_triggers_instance",
            "qrtz_fired_triggers",
            ["sched_name", "instance_name", "requests_recovery"]
        );
    }

    /// <summary>What is to be done, and when.</summary>
    private static void Work(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            "qrtz_job_details",
            table => new
            {
                sched_name = table.Column<string>(),
                job_name = table.Column<string>(),
                job_group = table.Column<string>(),
                description = table.Column<string>(nullable: true),
                job_class_name = table.Column<string>(),
                is_durable = table.Column<bool>(),
                is_nonconcurrent = table.Column<bool>(),
                is_update_data = table.Column<bool>(),
                requests_recovery = table.Column<bool>(),
                job_data = table.Column<byte[]>(nullable: true),
            },
            constraints: table => table.PrimaryKey("PK_qrtz_job_details", row => new { row.sched_name, row.job_name, row.job_group }));
        migrationBuilder.CreateTable(
            Triggers,
            table => new
            {
                sched_name = table.Column<string>(),
                trigger_name = table.Column<string>(),
                trigger_group = table.Column<string>(),
                job_name = table.Column<string>(),
                job_group = table.Column<string>(),
                description = table.Column<string>(nullable: true),
                next_fire_time = table.Column<long>(nullable: true),
                prev_fire_time = table.Column<long>(nullable: true),
                priority = table.Column<int>(nullable: true),
                trigger_state = table.Column<string>(),
                trigger_type = table.Column<string>(),
                start_time = table.Column<long>(),
                end_time = table.Column<long>(nullable: true),
                calendar_name = table.Column<string>(nullable: true),
                misfire_instr = table.Column<int>(nullable: true),
                misfire_orig_fire_time = table.Column<long>(nullable: true),
                execution_group = table.Column<string>(nullable: true),
                preferred_node = table.Column<string>(nullable: true),
                preferred_node_auto = table.Column<bool>(nullable: true),
                job_data = table.Column<byte[]>(nullable: true),
            },
            constraints: table =>
            {
                table.PrimaryKey(
                    "PK_qrtz_triggers",
                    row => new
                    {
                        row.sched_name,
                        row.trigger_name,
                        row.trigger_group,
                    }
                );
                table.ForeignKey(
                    "FK_qrtz_triggers_job",
                    row => new
                    {
                        row.sched_name,
                        row.job_name,
                        row.job_group,
                    },
                    "qrtz_job_details",
                    ["sched_name", "job_name", "job_group"]
                );
            }
        );
    }

    /// <summary>What each kind of trigger knows besides.</summary>
    private static void Kinds(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            "qrtz_simple_triggers",
            table => new
            {
                sched_name = table.Column<string>(),
                trigger_name = table.Column<string>(),
                trigger_group = table.Column<string>(),
                repeat_count = table.Column<long>(),
                repeat_interval = table.Column<long>(),
                times_triggered = table.Column<long>(),
            },
            constraints: table =>
            {
                table.PrimaryKey(
                    "PK_qrtz_simple_triggers",
                    row => new
                    {
                        row.sched_name,
                        row.trigger_name,
                        row.trigger_group,
                    }
                );
                table.ForeignKey(
                    "FK_qrtz_simple_triggers",
                    row => new
                    {
                        row.sched_name,
                        row.trigger_name,
                        row.trigger_group,
                    },
                    Triggers,
                    TriggerKey,
                    onDelete: ReferentialAction.Cascade
                );
            }
        );
        migrationBuilder.CreateTable(
            "qrtz_cron_triggers",
            table => new
            {
                sched_name = table.Column<string>(),
                trigger_name = table.Column<string>(),
                trigger_group = table.Column<string>(),
                cron_expression = table.Column<string>(),
                time_zone_id = table.Column<string>(nullable: true),
            },
            constraints: table =>
            {
                table.PrimaryKey(
                    "PK_qrtz_cron_triggers",
                    row => new
                    {
                        row.sched_name,
                        row.trigger_name,
                        row.trigger_group,
                    }
                );
                table.ForeignKey(
                    "FK_qrtz_cron_triggers",
                    row => new
                    {
                        row.sched_name,
                        row.trigger_name,
                        row.trigger_group,
                    },
                    Triggers,
                    TriggerKey,
                    onDelete: ReferentialAction.Cascade
                );
            }
        );
        migrationBuilder.CreateTable(
            "qrtz_simprop_triggers",
            table => new
            {
                sched_name = table.Column<string>(),
                trigger_name = table.Column<string>(),
                trigger_group = table.Column<string>(),
                str_prop_1 = table.Column<string>(nullable: true),
                str_prop_2 = table.Column<string>(nullable: true),
                str_prop_3 = table.Column<string>(nullable: true),
                int_prop_1 = table.Column<int>(nullable: true),
                int_prop_2 = table.Column<int>(nullable: true),
                long_prop_1 = table.Column<long>(nullable: true),
                long_prop_2 = table.Column<long>(nullable: true),
                dec_prop_1 = table.Column<decimal>(nullable: true),
                dec_prop_2 = table.Column<decimal>(nullable: true),
                bool_prop_1 = table.Column<bool>(nullable: true),
                bool_prop_2 = table.Column<bool>(nullable: true),
                time_zone_id = table.Column<string>(nullable: true),
            },
            constraints: table =>
            {
                table.PrimaryKey(
                    "PK_qrtz_simprop_triggers",
                    row => new
                    {
                        row.sched_name,
                        row.trigger_name,
                        row.trigger_group,
                    }
                );
                table.ForeignKey(
                    "FK_qrtz_simprop_triggers",
                    row => new
                    {
                        row.sched_name,
                        row.trigger_name,
                        row.trigger_group,
                    },
                    Triggers,
                    TriggerKey,
                    onDelete: ReferentialAction.Cascade
                );
            }
        );
        migrationBuilder.CreateTable(
            "qrtz_blob_triggers",
            table => new
            {
                sched_name = table.Column<string>(),
                trigger_name = table.Column<string>(),
                trigger_group = table.Column<string>(),
                blob_data = table.Column<byte[]>(nullable: true),
            },
            constraints: table =>
            {
                table.PrimaryKey(
                    "PK_qrtz_blob_triggers",
                    row => new
                    {
                        row.sched_name,
                        row.trigger_name,
                        row.trigger_group,
                    }
                );
                table.ForeignKey(
                    "FK_qrtz_blob_triggers",
                    row => new
                    {
                        row.sched_name,
                        row.trigger_name,
                        row.trigger_group,
                    },
                    Triggers,
                    TriggerKey,
                    onDelete: ReferentialAction.Cascade
                );
            }
        );
    }

    /// <summary>Who is doing what, and what keeps them apart.</summary>
    private static void Nodes(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            "qrtz_calendars",
            table => new { sched_name = table.Column<string>(), calendar_name = table.Column<string>(), calendar = table.Column<byte[]>() },
            constraints: table => table.PrimaryKey("PK_qrtz_calendars", row => new { row.sched_name, row.calendar_name }));
        migrationBuilder.CreateTable(
            "qrtz_paused_trigger_grps",
            table => new { sched_name = table.Column<string>(), trigger_group = table.Column<string>() },
            constraints: table => table.PrimaryKey("PK_qrtz_paused_trigger_grps", row => new { row.sched_name, row.trigger_group }));
        migrationBuilder.CreateTable(
            "qrtz_fired_triggers",
            table => new
            {
                sched_name = table.Column<string>(),
                entry_id = table.Column<string>(),
                trigger_name = table.Column<string>(),
                trigger_group = table.Column<string>(),
                instance_name = table.Column<string>(),
                fired_time = table.Column<long>(),
                sched_time = table.Column<long>(),
                priority = table.Column<int>(),
                state = table.Column<string>(),
                job_name = table.Column<string>(nullable: true),
                job_group = table.Column<string>(nullable: true),
                is_nonconcurrent = table.Column<bool>(nullable: true),
                requests_recovery = table.Column<bool>(nullable: true),
                execution_group = table.Column<string>(nullable: true),
            },
            constraints: table => table.PrimaryKey("PK_qrtz_fired_triggers", row => new { row.sched_name, row.entry_id }));
        migrationBuilder.CreateTable(
            "qrtz_scheduler_state",
            table => new
            {
                sched_name = table.Column<string>(),
                instance_name = table.Column<string>(),
                last_checkin_time = table.Column<long>(),
                checkin_interval = table.Column<long>(),
            },
            constraints: table => table.PrimaryKey("PK_qrtz_scheduler_state", row => new { row.sched_name, row.instance_name }));
        migrationBuilder.CreateTable(
            "qrtz_locks",
            table => new { sched_name = table.Column<string>(), lock_name = table.Column<string>() },
            constraints: table => table.PrimaryKey("PK_qrtz_locks", row => new { row.sched_name, row.lock_name }));
    }
}
