/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "faulty_vfs.h"

#include <sqlite3.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

/* The real file lies behind this one in the same allocation. */
struct faulty_file {
    sqlite3_file base;
    sqlite3_io_methods methods; /* of the same version as the real file's */
    sqlite3_file *real;
};

static sqlite3_vfs faulty;
static atomic_int calls_left = -1; /* below 0: healthy */
static atomic_int failure_code;
static atomic_bool has_failed;
static atomic_int sync_delay_us;
static atomic_bool tearing;

static bool fails(void)
{
    int left = atomic_load(&calls_left);
    if (left < 0)
        return false;
    if (left > 0) {
        atomic_store(&calls_left, left - 1);
        return false;
    }
    atomic_store(&has_failed, true);
    return true;
}

static sqlite3_file *real_of(sqlite3_file *file)
{
    return ((struct faulty_file *)file)->real;
}

static int faulty_close(sqlite3_file *file)
{
    return real_of(file)->pMethods->xClose(real_of(file));
}

static int faulty_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset)
{
    return real_of(file)->pMethods->xRead(real_of(file), bytes, count, offset);
}

static int faulty_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset)
{
    if (!fails())
        return real_of(file)->pMethods->xWrite(real_of(file), bytes, count, offset);
    if (atomic_load(&tearing))
        real_of(file)->pMethods->xWrite(real_of(file), bytes, count / 2, offset);
    int code = atomic_load(&failure_code);
    return code == SQLITE_IOERR ? SQLITE_IOERR_WRITE : code;
}

static int faulty_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    if (fails())
        return SQLITE_IOERR_TRUNCATE;
    return real_of(file)->pMethods->xTruncate(real_of(file), size);
}

static int faulty_sync(sqlite3_file *file, int flags)
{
    int delay_us = atomic_load(&sync_delay_us);
    if (delay_us > 0)
        usleep((useconds_t)delay_us);
    if (fails())
        return SQLITE_IOERR_FSYNC;
    return real_of(file)->pMethods->xSync(real_of(file), flags);
}

static int faulty_file_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return real_of(file)->pMethods->xFileSize(real_of(file), size);
}

static int faulty_lock(sqlite3_file *file, int lock)
{
    return real_of(file)->pMethods->xLock(real_of(file), lock);
}

static int faulty_unlock(sqlite3_file *file, int lock)
{
    return real_of(file)->pMethods->xUnlock(real_of(file), lock);
}

static int faulty_check_reserved_lock(sqlite3_file *file, int *result)
{
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), result);
}

static int faulty_file_control(sqlite3_file *file, int operation, void *argument)
{
    return real_of(file)->pMethods->xFileControl(real_of(file), operation, argument);
}

static int faulty_sector_size(sqlite3_file *file)
{
    return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int faulty_characteristics(sqlite3_file *file)
{
    return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int faulty_shm_map(sqlite3_file *file, int region, int size, int extend, void volatile **out)
{
    return real_of(file)->pMethods->xShmMap(real_of(file), region, size, extend, out);
}

static int faulty_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}

static void faulty_shm_barrier(sqlite3_file *file)
{
    real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int faulty_shm_unmap(sqlite3_file *file, int remove)
{
    return real_of(file)->pMethods->xShmUnmap(real_of(file), remove);
}

static const sqlite3_io_methods faulty_methods = {
    .iVersion = 2,
    .xClose = faulty_close,
    .xRead = faulty_read,
    .xWrite = faulty_write,
    .xTruncate = faulty_truncate,
    .xSync = faulty_sync,
    .xFileSize = faulty_file_size,
    .xLock = faulty_lock,
    .xUnlock = faulty_unlock,
    .xCheckReservedLock = faulty_check_reserved_lock,
    .xFileControl = faulty_file_control,
    .xSectorSize = faulty_sector_size,
    .xDeviceCharacteristics = faulty_characteristics,
    .xShmMap = faulty_shm_map,
    .xShmLock = faulty_shm_lock,
    .xShmBarrier = faulty_shm_barrier,
    .xShmUnmap = faulty_shm_unmap,
};

static int faulty_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
    sqlite3_vfs *real_vfs = vfs->pAppData;
    struct faulty_file *own = (struct faulty_file *)file;
    own->real = (sqlite3_file *)(own + 1);
    int code = real_vfs->xOpen(real_vfs, name, own->real, flags, out_flags);
    own->base.pMethods = NULL;
    if (own->real->pMethods != NULL) {
        own->methods = faulty_methods;
        if (own->real->pMethods->iVersion < 2)
            own->methods.iVersion = own->real->pMethods->iVersion;
        own->base.pMethods = &own->methods;
    }
    return code;
}

void faulty_vfs_install(void)
{
    sqlite3_vfs *real_vfs = sqlite3_vfs_find(NULL);
    faulty = *real_vfs;
    faulty.zName = "faulty";
    faulty.pAppData = real_vfs;
    faulty.szOsFile = (int)sizeof(struct faulty_file) + real_vfs->szOsFile;
    faulty.xOpen = faulty_open;
    faulty.pNext = NULL;
    sqlite3_vfs_register(&faulty, 1);
}

void faulty_vfs_fail_after(int calls, int code)
{
    atomic_store(&has_failed, false);
    atomic_store(&failure_code, code);
    atomic_store(&calls_left, calls);
}

void faulty_vfs_heal(void)
{
    atomic_store(&calls_left, -1);
}

bool faulty_vfs_has_failed(void)
{
    return atomic_load(&has_failed);
}

void faulty_vfs_delay_sync(int delay_us)
{
    atomic_store(&sync_delay_us, delay_us);
}

void faulty_vfs_tear(bool tears)
{
    atomic_store(&tearing, tears);
}
