#!/usr/bin/env tarantool
-- Runs one node of config.yaml on Tarantool 2.6, a development engine: it reads what Tarantool 3 would read, elects a
-- leader by tarantool2/election.lua and loads the same roles.
--
--     tarantool tarantool2/start.lua --name instance001 --config config.yaml
--
-- Data goes to var/lib/<name>, or where TT_WAL_DIR, TT_SNAPSHOT_DIR and TT_VINYL_DIR say.
local fio = require('fio')

local application = fio.dirname(fio.dirname(fio.abspath(arg[0])))
package.path = application .. '/?.lua;' .. package.path

local fiber = require('fiber')
local log = require('log')
local config = require('tarantool2.config')
local credentials = require('tarantool2.credentials')
local election = require('tarantool2.election')
local leadership = require('replicaset.leadership')
local members = require('replicaset.members')
local peers = require('replicaset.peers')
local restart = require('tarantool2.restart')
local term_store = require('tarantool2.term_store')

local FIRST_START_TIMEOUT = 10

local function parse_arguments()
    local options = {}
    for i = 1, #arg, 2 do
        local option = arg[i]:match('^%-%-(.+)$')
        if (option ~= 'name' and option ~= 'config') or arg[i + 1] == nil then
            error('Usage: tarantool start.lua --name <instance> --config <config.yaml>', 0)
        end
        options[option] = arg[i + 1]
    end
    if options.name == nil or options.config == nil then
        error('Usage: tarantool start.lua --name <instance> --config <config.yaml>', 0)
    end
    return options
end

local function peers_of(configuration)
    local list = {}
    for _, member in ipairs(configuration.members) do
        if member.name ~= configuration.name then
            table.insert(list, {
                name = member.name,
                uri = member.uri,
                login = configuration.login,
                password = configuration.password,
            })
        end
    end
    return list
end

local function use_in_place_of_tarantool_3(configuration, list)
    local names = {}
    for _, member in ipairs(configuration.members) do
        names[member.uuid] = member.name
    end
    leadership.use(election.source)
    members.use({
        self = function() return configuration.name end,
        peers = function() return list end,
        users = function() return configuration.users end,
        name_of = function(replica) return names[replica.uuid] end,
        missing_upstream = election.missing_upstream,
    })
end

local function settings_of(configuration)
    return {
        listen = configuration.listen,
        instance_uuid = configuration.uuid,
        replicaset_uuid = configuration.replicaset_uuid,
        memtx_memory = configuration.memtx_memory,
        wal_mode = configuration.wal_mode,
        wal_dir = configuration.wal_dir,
        memtx_dir = configuration.snapshot_dir,
        vinyl_dir = configuration.vinyl_dir,
        replication_timeout = configuration.timeout,
        replication_connect_quorum = 0,
        read_only = true,
        feedback_enabled = false,
    }
end

local function replication_uri(configuration, member)
    return ('%s:%s@%s'):format(configuration.login, configuration.password, member.uri)
end

-- Asks the peers, once, whether they are a cluster already: 'none', or the leader's name, or nil when there is a
-- cluster and nobody leads it now.
local function find_leader(list)
    local by_name, stop = peers.connect(list, function() end)
    fiber.sleep(0.05)
    local answers = peers.ask_all(by_name, 'election.state', {}, 0.5, function() return false end)
    stop()
    local leader, is_cluster = nil, false
    for _, answer in pairs(answers) do
        is_cluster = true
        leader = answer.leader or leader
    end
    return is_cluster and leader or (not is_cluster and 'none') or nil
end

-- The member that Tarantool 2.6 chooses to begin: the one with the lowest UUID.
local function first_member(configuration)
    local first = configuration.members[1]
    for _, member in ipairs(configuration.members) do
        if member.uuid < first.uuid then
            first = member
        end
    end
    return first
end

-- A node without data: it is filled from the leader, or, when no node has any, all of them begin together.
local function start_empty(configuration, list, settings, has_been_member)
    while true do
        local leader = find_leader(list)
        for _, member in ipairs(configuration.members) do
            if member.name == leader and leader ~= configuration.name then
                settings.replication = {replication_uri(configuration, member)}
                box.cfg(settings)
                return
            end
        end
        if leader == 'none' and not has_been_member then
            break
        end
        log.info('Without data: waiting for a leader to be filled from')
        fiber.sleep(0.2)
    end
    settings.replication = {}
    for _, member in ipairs(configuration.members) do
        table.insert(settings.replication, replication_uri(configuration, member))
    end
    -- All must be there: two halves that begin apart could never be joined. Tarantool 2.6 lets a node begin by itself
    -- when it takes all others for read-only, so only the one that is to be the first is writable.
    settings.replication_connect_quorum = #configuration.members
    settings.replication_connect_timeout = FIRST_START_TIMEOUT
    settings.read_only = first_member(configuration).uuid ~= configuration.uuid
    local done, err = pcall(box.cfg, settings)
    if not done then
        restart.now(('the first start needs all of the nodes: %s'):format(err))
    end
end

-- The first node of a new replica set makes what an election needs.
local function found(configuration)
    local known = {}
    local last_id = 0
    for _, row in box.space._cluster:pairs() do
        known[row.uuid] = true
        last_id = math.max(last_id, row.id)
    end
    for _, member in ipairs(configuration.members) do
        if not known[member.uuid] then
            last_id = last_id + 1
            box.space._cluster:insert({last_id, member.uuid})
        end
    end
    local terms = box.schema.space.create('election_terms', {if_not_exists = true})
    terms:format({
        {name = 'term', type = 'unsigned'},
        {name = 'leader', type = 'unsigned'},
        {name = 'vclock', type = 'array'},
    })
    terms:create_index('term', {parts = {'term'}, if_not_exists = true})
    credentials.ensure(configuration.users)
    credentials.ensure_peer_functions(configuration.login, election.function_names())
end

-- A node joins from one that is writable: the first stays so until all have joined.
local function wait_for_joins(configuration)
    local deadline = fiber.clock() + FIRST_START_TIMEOUT
    while fiber.clock() < deadline do
        local joined = 1
        for _, replica in pairs(box.info.replication) do
            if replica.downstream ~= nil and replica.downstream.status == 'follow' then
                joined = joined + 1
            end
        end
        if joined >= #configuration.members then
            return
        end
        fiber.sleep(0.005)
    end
end

local function start(options)
    local configuration = config.load(options.config, options.name)
    for _, directory in ipairs({configuration.wal_dir, configuration.snapshot_dir, configuration.vinyl_dir}) do
        fio.mktree(directory)
    end
    local list = peers_of(configuration)
    use_in_place_of_tarantool_3(configuration, list)
    election.publish()
    local settings = settings_of(configuration)
    local has_data = #fio.glob(fio.pathjoin(configuration.snapshot_dir, '*.snap')) > 0
    if has_data then
        box.cfg(settings)
    else
        local saved = term_store.load(fio.pathjoin(configuration.wal_dir, 'election.json'))
        start_empty(configuration, list, settings, saved.term > 0)
        if not box.cfg.read_only and box.info.id == 1 then
            found(configuration)
            wait_for_joins(configuration)
        end
    end
    box.cfg({read_only = true, replication_connect_quorum = 0})
    election.start(configuration, list)
    leadership.on_writable(function()
        return (pcall(credentials.ensure, configuration.users))
    end)
    for _, name in ipairs(configuration.roles) do
        local role = require(name)
        role.validate()
        role.apply()
    end
end

local done, err = pcall(start, parse_arguments())
if not done then
    io.stderr:write(('%s\n'):format(err))
    os.exit(1)
end
