/* Which of libvips' loaders may run at all. Everything is blocked, then a format is let in by the name of its buffer
 * loader: file, stream and source variants stay shut, and so does whatever a later libvips or a plugin brings. */
#include "loaders.h"

#include <string.h>

static const struct {
    int format;
    const char *loader;
} known[] = {
    { LRV_JPEG, "VipsForeignLoadJpegBuffer" },
    { LRV_PNG, "VipsForeignLoadPngBuffer" },
    { LRV_WEBP, "VipsForeignLoadWebpBuffer" },
    { LRV_GIF, "VipsForeignLoadNsgifBuffer" },
    { LRV_TIFF, "VipsForeignLoadTiffBuffer" },
    { LRV_HEIF, "VipsForeignLoadHeifBuffer" },
};

#define KNOWN ((int) (sizeof known / sizeof known[0]))

static GMutex gate;
static int started;
static int let_in;

static void say_nothing(const gchar *domain, GLogLevelFlags level, const gchar *message, gpointer data)
{
    (void) domain;
    (void) level;
    (void) message;
    (void) data;
}

static int start(void)
{
    if (started)
        return 0;

    /* What a stranger's picture makes libvips warn about is not worth a line on the server's stderr. */
    g_log_set_handler("VIPS", G_LOG_LEVEL_WARNING | G_LOG_LEVEL_MESSAGE | G_LOG_LEVEL_INFO | G_LOG_LEVEL_DEBUG, say_nothing, NULL);
    if (vips_init("lorarecycle"))
        return -1;

    /* One operation is never asked for twice, and each request already has a thread of its own. */
    vips_cache_set_max(0);
    vips_cache_set_max_mem(0);
    vips_cache_set_max_files(0);
    vips_concurrency_set(1);

    /* The error text is one buffer for all threads: it would tell one caller about another's picture. */
    vips_error_freeze();

    vips_operation_block_set("VipsForeignLoad", TRUE);
    started = 1;
    return 0;
}

int lrv_allow(int formats)
{
    g_mutex_lock(&gate);
    int status = start() ? LRV_INTERNAL : LRV_OK;
    for (int i = 0; status == LRV_OK && i < KNOWN; i++)
        if ((formats & known[i].format) && !(let_in & known[i].format)) {
            vips_operation_block_set(known[i].loader, FALSE);
            let_in |= known[i].format;
        }
    g_mutex_unlock(&gate);
    return status;
}

int loaders_recognise(const void *data, size_t length, int formats)
{
    const char *loader = vips_foreign_find_load_buffer(data, length);
    for (int i = 0; loader != NULL && i < KNOWN; i++)
        if (strcmp(loader, known[i].loader) == 0)
            return known[i].format & formats;
    return 0;
}

void loaders_leave_thread(void)
{
    vips_thread_shutdown();
}

int64_t lrv_tracked_bytes(void)
{
    return (int64_t) vips_tracked_get_mem();
}

int32_t lrv_tracked_files(void)
{
    return vips_tracked_get_files();
}

int64_t lrv_tracked_high_water(void)
{
    return (int64_t) vips_tracked_get_mem_highwater();
}
