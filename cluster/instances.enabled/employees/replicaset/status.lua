-- replicaset.status(): what this node says of itself and of its peers. The gateway polls it on every node.
local uuid = require('uuid')
local leadership = require('replicaset.leadership')
local members = require('replicaset.members')

-- A new one with every start of the process, so that a restart is never taken for a late answer.
local boot_id = uuid.str()

-- Tarantool 2.6 has the system's own words apart, Tarantool 3 has them in the message as well.
local function message_of(source)
    local message, cause = source.message, source.system_message
    if message ~= nil and cause ~= nil and not message:find(cause, 1, true) then
        return ('%s: %s'):format(message, cause)
    end
    return message or cause
end

local function stream(source)
    if source == nil then
        return nil
    end
    return {
        status = source.status,
        lag = source.lag,
        idle = source.idle,
        message = message_of(source),
    }
end

local function links()
    local by_name = {}
    for _, replica in pairs(box.info.replication) do
        local name = members.name_of(replica)
        if name ~= nil then
            by_name[name] = replica
        end
    end
    local result = {}
    for _, peer in ipairs(members.peers()) do
        local replica = by_name[peer.name] or {}
        table.insert(result, {
            peer = peer.name,
            upstream = stream(replica.upstream) or members.missing_upstream(peer.name),
            downstream = stream(replica.downstream),
        })
    end
    return result
end

-- Of the employees, as far as this node has it: see employees/schema.lua.
local function schema_version()
    local row = box.space._schema:get('employees_version')
    return row and row[2]
end

local function status()
    local leads = leadership.info()
    return {
        status = 'ok',
        name = members.self(),
        instance_uuid = box.info.uuid,
        boot_id = boot_id,
        version = box.info.version,
        uptime = box.info.uptime,
        pid = box.info.pid,
        role = leads.role,
        term = leads.term,
        leader = leads.leader,
        writable = leads.writable,
        read_only_reason = leads.read_only_reason,
        lsn = box.info.lsn,
        schema_version = schema_version(),
        replication = setmetatable(links(), {__serialize = 'seq'}),
    }
end

return status
