-- employees.diagnosis(): what somebody looks at on this node who wants to know whether it is set up well. Reads only;
-- `employee-gateway check` asks for it, as the gateway's user.
local clock = require('clock')
local leadership = require('replicaset.leadership')
local schema = require('employees.schema')

-- What the user may do who asks, what comes with its roles included: {privileges, object, name}.
local function rights_of(user)
    local rights = {}
    local seen = {}
    local function collect(list)
        for _, right in ipairs(list) do
            local privileges, object, name = unpack(right)
            if object ~= 'role' then
                table.insert(rights, {privileges = privileges, object = object, name = tostring(name)})
            elseif not seen[name] then
                seen[name] = true
                collect(box.schema.role.info(name))
            end
        end
    end
    collect(box.schema.user.info(user))
    return setmetatable(rights, {__serialize = 'seq'})
end

-- The spaces whose rows must not be lost: {name, is_synchronous}.
local function spaces()
    local list = {}
    for _, name in ipairs(schema.spaces) do
        local space = box.space[name]
        if space ~= nil then
            -- On Tarantool 2.6 the election commits by itself.
            local is_synchronous = not leadership.has_synchronous_spaces() or space.is_sync
            table.insert(list, {name = name, is_synchronous = is_synchronous})
        end
    end
    return setmetatable(list, {__serialize = 'seq'})
end

local function diagnosis()
    local memory = box.slab.info()
    local user = box.session.user()
    return {
        status = 'ok',
        -- Seconds since 1970, by the clock that deadlines of writes are held against.
        time = clock.time(),
        user = user,
        rights = rights_of(user),
        spaces = spaces(),
        schema = {version = schema.version, stored = schema.stored_version()},
        fencing = leadership.fencing(),
        quorum = box.info.synchro and box.info.synchro.quorum,
        replication_timeout = box.cfg.replication_timeout,
        election_timeout = leadership.election_timeout(),
        net_msg_max = box.cfg.net_msg_max,
        memory = {used = memory.arena_used, limit = memory.quota_size},
    }
end

return diagnosis
