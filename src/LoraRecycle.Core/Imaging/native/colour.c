/* Colour as the models were shown it: Pillow's convert("RGB"), which drops alpha without blending, except that an
 * embedded ICC profile is honoured. */
#include "colour.h"

#include <string.h>

static guint32 big_endian(const guint8 *p)
{
    return (guint32) p[0] << 24 | (guint32) p[1] << 16 | (guint32) p[2] << 8 | p[3];
}

static gboolean contains(const guint8 *data, size_t length, const char *word, size_t word_length)
{
    for (size_t i = 0; i + word_length <= length; i++)
        if (memcmp(data + i, word, word_length) == 0)
            return TRUE;
    return FALSE;
}

/* Most photographs carry a profile, and most profiles say sRGB: transforming those costs more than decoding and
 * changes pixels by rounding alone. A profile that lies about its name only miscolours its own picture. */
static gboolean is_srgb(const guint8 *profile, size_t length)
{
    if (length < 132 || memcmp(profile + 16, "RGB ", 4) != 0)
        return FALSE;
    guint32 tags = big_endian(profile + 128);
    for (guint32 i = 0; i < tags && 132 + 12 * ((size_t) i + 1) <= length; i++) {
        const guint8 *tag = profile + 132 + 12 * (size_t) i;
        size_t offset = big_endian(tag + 4);
        size_t size = big_endian(tag + 8);
        if (memcmp(tag, "desc", 4) == 0 && offset <= length && size <= length - offset)
            return contains(profile + offset, size, "sRGB", 4) || contains(profile + offset, size, "\0s\0R\0G\0B", 8);
    }
    return FALSE;
}

static gboolean has_foreign_profile(VipsImage *image)
{
    const void *profile;
    size_t length;
    if (!vips_image_get_typeof(image, VIPS_META_ICC_NAME) || vips_image_get_blob(image, VIPS_META_ICC_NAME, &profile, &length))
        return FALSE;
    return vips_icc_is_compatible_profile(image, profile, length) && !is_srgb(profile, length);
}

/* Without a profile nobody knows the inks; this is the complement that Pillow takes: (255 - ink) (255 - black) / 255. */
static int naive_cmyk(VipsObject *scope, VipsImage *in, VipsImage **out)
{
    VipsImage **t = (VipsImage **) vips_object_local_array(scope, 5);
    return vips_invert(in, &t[0], NULL) || vips_extract_band(t[0], &t[1], 0, "n", 3, NULL) ||
        vips_extract_band(t[0], &t[2], 3, NULL) || vips_multiply(t[1], t[2], &t[3], NULL) ||
        vips_linear1(t[3], &t[4], 1.0 / 255, 0.5, "uchar", TRUE, NULL) ||
        vips_copy(t[4], out, "interpretation", VIPS_INTERPRETATION_sRGB, NULL);
}

static int convert(VipsObject *scope, VipsImage *in, VipsImage **out)
{
    VipsImage **t = (VipsImage **) vips_object_local_array(scope, 5);

    if (vips_image_hasalpha(in)) {
        if (vips_extract_band(in, &t[0], 0, "n", in->Bands - 1, NULL))
            return -1;
        in = t[0];
    }

    gboolean done = has_foreign_profile(in) &&
        !vips_icc_transform(in, &t[1], "srgb", "embedded", TRUE, "intent", VIPS_INTENT_PERCEPTUAL, "depth", 8, NULL);
    if (!done) {
        /* No profile, or one that does not fit the picture. */
        int failed = in->Type == VIPS_INTERPRETATION_CMYK && in->Bands >= 4 && in->BandFmt == VIPS_FORMAT_UCHAR
            ? naive_cmyk(scope, in, &t[1])
            : vips_colourspace(in, &t[1], VIPS_INTERPRETATION_sRGB, NULL);
        if (failed)
            return -1;
    }

    if (vips_cast_uchar(t[1], &t[2], NULL))
        return -1;
    if (t[2]->Bands == 3)
        return vips_copy(t[2], out, NULL);
    if (t[2]->Bands > 3)
        return vips_extract_band(t[2], out, 0, "n", 3, NULL);
    return vips_extract_band(t[2], &t[3], 0, NULL) || vips_bandjoin((VipsImage *[]) { t[3], t[3], t[3] }, out, 3, NULL);
}

int colour_to_srgb(VipsImage *in, VipsImage **out)
{
    VipsObject *scope = VIPS_OBJECT(vips_image_new());
    int failed = convert(scope, in, out);
    g_object_unref(scope);
    return failed;
}
