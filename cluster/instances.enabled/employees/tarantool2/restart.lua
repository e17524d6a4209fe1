-- The process begins anew in its place: same pid, same command. The simplest way out of a state that Tarantool 2.6
-- cannot leave: synchronous transactions of a deposed leader, or a log that has left the leader's.
local ffi = require('ffi')
local fio = require('fio')
local log = require('log')

ffi.cdef([[
    int execv(const char *path, char *const argv[]);
]])
-- Already declared by Tarantool itself, in some builds.
pcall(ffi.cdef, 'int close(int fd);')

local restart = {}

-- Runs this process's own command again. Does not return.
function restart.now(reason)
    log.warn('Starting again: %s', reason)
    local argv = ffi.new('char *[?]', #arg + 3)
    local kept = {}
    local function set(i, text)
        kept[i] = ffi.new('char[?]', #text + 1, text)
        argv[i] = kept[i]
    end
    local executable = fio.readlink('/proc/self/exe')
    set(0, executable)
    for i = 0, #arg do
        set(i + 1, arg[i])
    end
    -- Sockets and the lock on the data directory must not outlive the old image.
    for fd = 3, 1023 do
        ffi.C.close(fd)
    end
    ffi.C.execv(executable, argv)
    os.exit(1)
end

-- Puts the node's data aside, for it has rows that no leader has: it is filled again from the leader.
function restart.discard_data(configuration)
    local aside = fio.pathjoin(configuration.wal_dir, 'discarded')
    fio.rmtree(aside)
    fio.mkdir(aside)
    for _, directory in ipairs({configuration.wal_dir, configuration.snapshot_dir}) do
        for _, pattern in ipairs({'*.xlog', '*.snap', '*.inprogress', '*.vylog'}) do
            for _, path in ipairs(fio.glob(fio.pathjoin(directory, pattern))) do
                fio.rename(path, fio.pathjoin(aside, fio.basename(path)))
            end
        end
    end
end

return restart
