-- Reads Tarantool 3's config.yaml for Tarantool 2.6: the part of it that this application uses.
local digest = require('digest')
local fio = require('fio')
local yaml = require('yaml')
local context = require('tarantool2.context')

local config = {}

local function merge(base, over)
    if type(base) ~= 'table' or type(over) ~= 'table' or #over > 0 then
        return over == nil and base or over
    end
    local result = {}
    for key, value in pairs(base) do
        result[key] = value
    end
    for key, value in pairs(over) do
        result[key] = merge(result[key], value)
    end
    return result
end

local function read(path)
    local file, err = fio.open(path, {'O_RDONLY'})
    if file == nil then
        error(('Cannot read the cluster configuration %s: %s'):format(path, err), 0)
    end
    local text = file:read()
    file:close()
    local done, document = pcall(yaml.decode, text)
    if not done or type(document) ~= 'table' then
        error(('%s is not valid YAML: %s'):format(path, document), 0)
    end
    return context.fill(document)
end

-- Settings come from four scopes; the nearer one wins.
local function scopes_of(document, wanted)
    for _, group in pairs(document.groups or {}) do
        for replicaset_name, replicaset in pairs(group.replicasets or {}) do
            for name, instance in pairs(replicaset.instances or {}) do
                if name == wanted then
                    return merge(merge(merge(document, group), replicaset), instance or {}), replicaset, replicaset_name
                end
            end
        end
    end
    error(('No instance is named %s: name one that stands under groups in the configuration'):format(wanted), 0)
end

-- A fixed UUID for a name, so that all nodes agree on who is who without asking.
local function uuid_of(...)
    local hex = digest.md5_hex(table.concat({...}, '/'))
    return ('%s-%s-4%s-a%s-%s'):format(hex:sub(1, 8), hex:sub(9, 12), hex:sub(14, 16), hex:sub(18, 20), hex:sub(21, 32))
end

-- What {{ }} may name: the instance, and what config.context takes from the environment.
local function variables_of(scope, name)
    local variables = {instance_name = name}
    for key, source in pairs(scope.config and scope.config.context or {}) do
        if source.from == 'env' then
            variables['context.' .. key] = os.getenv(source.env)
        end
    end
    return variables
end

local function fill(text, variables)
    return (text:gsub('{{ *([%w_.]+) *}}', variables))
end

-- Where peers reach an instance, and where it listens.
local function uris_of(document, name)
    local scope = scopes_of(document, name)
    local variables = variables_of(scope, name)
    local peer = scope.iproto.advertise.peer or {}
    local listen = scope.iproto.listen[1].uri
    return fill(peer.uri or scope.iproto.advertise.client or listen, variables), fill(listen, variables)
end

local function users_of(scope, name)
    local users = {}
    for user, settings in pairs(scope.credentials.users) do
        local password = settings.password and fill(settings.password, variables_of(scope, name))
        users[user] = merge(settings, {password = password})
    end
    return users
end

local function directory(variable, name)
    return os.getenv(variable) or fio.pathjoin(fio.abspath('var/lib'), name)
end

local function members_of(document, replicaset, replicaset_name)
    local members = {}
    for name in pairs(replicaset.instances) do
        table.insert(members, {
            name = name,
            uri = (uris_of(document, name)),
            uuid = uuid_of(replicaset_name, name),
        })
    end
    table.sort(members, function(a, b) return a.name < b.name end)
    return members
end

local function names_of(members)
    local names = {}
    for _, member in ipairs(members) do
        names[member.uuid] = member.name
    end
    return names
end

-- What the instance `name` needs of the configuration at `path`. Raises a text that says what is wrong.
function config.load(path, name)
    local document = read(path)
    local scope, replicaset, replicaset_name = scopes_of(document, name)
    local members = members_of(document, replicaset, replicaset_name)
    local users = users_of(scope, name)
    local login = scope.iproto.advertise.peer.login
    local replication = scope.replication or {}
    local _, listen = uris_of(document, name)
    return {
        name = name,
        uuid = uuid_of(replicaset_name, name),
        replicaset_uuid = uuid_of(replicaset_name),
        listen = listen,
        members = members,
        -- {uuid -> name}
        names = names_of(members),
        -- A backup is restored with a quorum of one: docs/operations.md.
        quorum = tonumber(os.getenv('TT_REPLICATION_SYNCHRO_QUORUM')) or math.floor(#members / 2) + 1,
        users = users,
        login = login,
        password = users[login].password,
        timeout = replication.timeout or 1,
        election_timeout = replication.election_timeout or 5,
        net_msg_max = scope.iproto.net_msg_max or 768,
        memtx_memory = scope.memtx and scope.memtx.memory or 268435456,
        wal_mode = scope.wal and scope.wal.mode or 'write',
        roles = scope.roles or {},
        roles_cfg = scope.roles_cfg or {},
        wal_dir = directory('TT_WAL_DIR', name),
        snapshot_dir = directory('TT_SNAPSHOT_DIR', name),
        vinyl_dir = directory('TT_VINYL_DIR', name),
        pid_file = os.getenv('TT_PROCESS_PID_FILE') or fio.abspath(fio.pathjoin('var/run', name, 'tarantool.pid')),
        console_socket = os.getenv('TT_CONSOLE_SOCKET')
            or fio.abspath(fio.pathjoin('var/run', name, 'tarantool.control')),
    }
end

return config
