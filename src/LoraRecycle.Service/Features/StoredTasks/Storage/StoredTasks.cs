using LoraRecycle.Service.Platform.Storage;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace LoraRecycle.Service.Features.StoredTasks.Storage;

/// <summary>Support sets with the embeddings of their images, and what guards the files of those.</summary>
[DbContext(typeof(StateContext)), Migration("20261122010000_StoredTasks")]
internal sealed class StoredTasks : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable(
            "blobs",
            table => new { sha256 = table.Column<string>(maxLength: StoredBlob.NameLength) },
            constraints: table => table.PrimaryKey("PK_blobs", row => row.sha256));
        migrationBuilder.CreateTable(
            "tasks",
            table => new
            {
                id = table.Column<string>(maxLength: StoredTask.IdLength),
                name = table.Column<string>(nullable: true),
                meta_lora = table.Column<string>(),
                reject = table.Column<double>(nullable: true),
                version = table.Column<long>(),
                revision = table.Column<long>(),
                created = table.Column<long>(),
                updated = table.Column<long>(),
                classes = table.Column<int>(),
                images = table.Column<int>(),
                bytes = table.Column<long>(),
                next_image = table.Column<long>(),
                model_revision = table.Column<string>(),
                worn_id = table.Column<string>(),
                worn_revision = table.Column<string>(),
            },
            constraints: table => table.PrimaryKey("PK_tasks", row => row.id));
        migrationBuilder.CreateTable(
            "task_images",
            table => new
            {
                task_id = table.Column<string>(maxLength: StoredTask.IdLength),
                number = table.Column<long>(),
                label = table.Column<string>(),
                content = table.Column<string>(maxLength: StoredBlob.NameLength),
                bytes = table.Column<int>(),
                embedding = table.Column<byte[]>(),
            },
            constraints: table =>
            {
                table.PrimaryKey("PK_task_images", row => new { row.task_id, row.number });
                table.ForeignKey("FK_task_images_tasks_task_id", row => row.task_id, "tasks", "id", onDelete: ReferentialAction.Cascade);
            });
        migrationBuilder.CreateIndex("IX_task_images_content", "task_images", "content");
    }
}
