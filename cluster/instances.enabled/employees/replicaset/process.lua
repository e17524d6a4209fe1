-- The process begins anew in its place: same pid, same parent, same environment. The way out of a state that Tarantool
-- cannot leave otherwise. As safe as a crash, and as short as a start.
local ffi = require('ffi')
local fio = require('fio')

ffi.cdef([[
    int execv(const char *path, char *const argv[]);
    unsigned int alarm(unsigned int seconds);
]])
-- Already declared by Tarantool itself, in some builds.
pcall(ffi.cdef, 'int fcntl(int fd, int command, ...);')

-- fcntl(2)
local F_SETFD, FD_CLOEXEC = 2, 1

local process = {}

-- Runs this process's program with these arguments. Does not return.
function process.begin_anew(arguments)
    local argv = ffi.new('char *[?]', #arguments + 2)
    local kept = {}
    local function set(i, text)
        kept[i] = ffi.new('char[?]', #text + 1, text)
        argv[i] = kept[i]
    end
    local executable = fio.readlink('/proc/self/exe')
    set(0, executable)
    for i, argument in ipairs(arguments) do
        set(i, argument)
    end
    -- Sockets and the lock on the data directory must not outlive the old image. The kernel closes them, in the moment in
    -- which it ends the other threads: one of these that met a closed file first would abort the process.
    for fd = 3, 1023 do
        ffi.C.fcntl(fd, F_SETFD, ffi.cast('int', FD_CLOEXEC))
    end
    -- Tarantool 3 keeps a timer, which would outlive the old image as well, and end the new one (execve(2), setitimer(2)).
    ffi.C.alarm(0)
    ffi.C.execv(executable, argv)
    os.exit(1)
end

return process
