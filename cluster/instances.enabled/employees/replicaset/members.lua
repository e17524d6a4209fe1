-- What config.yaml says of the replica set: its members by their names, and its users.
local members = {}

local native = {}

function native.self()
    return box.info.name
end

function native.peers()
    local config = require('config')
    local peers = {}
    for name, instance in pairs(config:instances()) do
        if instance.replicaset_name == box.info.replicaset.name and name ~= box.info.name then
            local uri = config:instance_uri('peer', {instance = name})
            table.insert(peers, {name = name, uri = uri.uri, login = uri.login, password = uri.password})
        end
    end
    table.sort(peers, function(a, b) return a.name < b.name end)
    return peers
end

function native.users()
    return require('config'):get('credentials.users') or {}
end

function native.name_of(replica)
    return replica.name
end

function native.missing_upstream()
    return nil
end

local source = native

-- Puts another engine's list in the place of Tarantool's own.
function members.use(other)
    source = other
end

-- The name of this node.
function members.self()
    return source.self()
end

-- All others, by name: {name, uri, login, password}; the login is the replicator's.
function members.peers()
    return source.peers()
end

-- {name -> {password, roles, privileges}}
function members.users()
    return source.users()
end

-- The name of an entry of box.info.replication, or nil.
function members.name_of(replica)
    return source.name_of(replica)
end

-- The entry of box.info.replication of the member `name`, or nil.
function members.replica_of(name)
    for _, replica in pairs(box.info.replication) do
        if source.name_of(replica) == name then
            return replica
        end
    end
    return nil
end

-- What to say of a peer that this node takes no rows from.
function members.missing_upstream(name)
    return source.missing_upstream(name)
end

return members
