-- A switch between network namespaces, with delay and loss on the way: for kernels that have no netem.
--
--     tarantool network.lua <delay, ms> <jitter, ms> <loss, %> <namespace> ...
--
-- Makes an interface `eth0` in each namespace, and says so. What comes out of one goes to whom it is for, later, or not at all.
local ffi = require('ffi')
local fiber = require('fiber')
local socket = require('socket')

local READ_WRITE, NONBLOCK = 2, 0x800
local NEW_NETWORK = 0x40000000
-- ioctl TUNSETIFF; an interface of whole Ethernet frames, without a head.
local SET_INTERFACE, TAP, NO_HEAD = 0x400454ca, 0x0002, 0x1000
local LONGEST_FRAME = 2048

ffi.cdef([[
    struct interface_request { char name[16]; short flags; char padding[22]; };
    int setns(int fd, int kind);
    int ioctl(int fd, unsigned long request, ...);
]])
-- Tarantool may have declared these for itself.
pcall(ffi.cdef, 'int open(const char *path, int flags, ...);')
pcall(ffi.cdef, 'ssize_t read(int fd, void *to, size_t size);')
pcall(ffi.cdef, 'ssize_t write(int fd, const void *from, size_t size);')

local delay, jitter, loss = tonumber(arg[1]) / 1000, tonumber(arg[2]) / 1000, tonumber(arg[3]) / 100
local ports = {}
-- {address -> the port behind which it is}
local known = {}

local function open_interface(namespace)
    local place = ffi.C.open('/run/netns/' .. namespace, 0)
    assert(place >= 0 and ffi.C.setns(place, NEW_NETWORK) == 0, 'Cannot enter ' .. namespace)
    local fd = ffi.C.open('/dev/net/tun', bit.bor(READ_WRITE, NONBLOCK))
    local request = ffi.new('struct interface_request')
    ffi.copy(request.name, 'eth0')
    request.flags = bit.bor(TAP, NO_HEAD)
    assert(fd >= 0 and ffi.C.ioctl(fd, SET_INTERFACE, request) == 0, 'Cannot make an interface in ' .. namespace)
    return fd
end

-- One direction between two ports: first in, first out.
local function new_wire(to)
    local wire = {queue = {}, first = 1, last = 0, due_at = 0, has_frames = fiber.cond()}
    fiber.new(function()
        while true do
            while wire.first > wire.last do
                wire.has_frames:wait()
            end
            local frame = wire.queue[wire.first]
            wire.queue[wire.first] = nil
            wire.first = wire.first + 1
            local left = frame.due_at - fiber.clock()
            if left > 0 then
                fiber.sleep(left)
            end
            ffi.C.write(to.fd, frame.bytes, #frame.bytes)
        end
    end)
    return wire
end

local function send(from, to, bytes)
    if math.random() < loss then
        return
    end
    local wire = from.wires[to]
    wire.due_at = math.max(wire.due_at, fiber.clock() + delay + jitter * math.random())
    wire.last = wire.last + 1
    wire.queue[wire.last] = {bytes = bytes, due_at = wire.due_at}
    wire.has_frames:signal()
end

local function switch(from)
    local buffer = ffi.new('char[?]', LONGEST_FRAME)
    while true do
        local size = tonumber(ffi.C.read(from.fd, buffer, LONGEST_FRAME))
        if size > 0 then
            local bytes = ffi.string(buffer, size)
            known[bytes:sub(7, 12)] = from
            local destination = known[bytes:sub(1, 6)]
            for _, port in ipairs(ports) do
                if port ~= from and (destination == nil or destination == port) then
                    send(from, port, bytes)
                end
            end
        else
            socket.iowait(from.fd, 'R', 1)
        end
    end
end

for i = 4, #arg do
    table.insert(ports, {fd = open_interface(arg[i]), wires = {}})
end
for _, from in ipairs(ports) do
    for _, to in ipairs(ports) do
        from.wires[to] = new_wire(to)
    end
end
for _, port in ipairs(ports) do
    fiber.new(switch, port)
end
print('The network is there')
io.flush()
-- It ends with the test.
fiber.sleep(3600)
