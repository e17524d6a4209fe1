#!/usr/bin/env tarantool
-- Runs one node of config.yaml on Tarantool 2.6, a development engine: it reads what Tarantool 3 would read, elects a
-- leader by tarantool2/election.lua and loads the same roles.
--
--     tarantool tarantool2/start.lua --name instance001 --config config.yaml
--
-- Data goes to var/lib/<name>, pid file and console socket to var/run/<name>, or where TT_WAL_DIR, TT_SNAPSHOT_DIR,
-- TT_VINYL_DIR, TT_PROCESS_PID_FILE and TT_CONSOLE_SOCKET say.
local fio = require('fio')

local application = fio.dirname(fio.dirname(fio.abspath(arg[0])))
package.path = application .. '/?.lua;' .. package.path

local console = require('console')
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
local transfer = require('replicaset.transfer')

-- Seconds.
local FIRST_START_TIMEOUT = 10
-- On one machine; each further one takes twice as long, for hosts may be far from each other.
local SURVEY = 0.05
local FIRST_SURVEY = 0.3
local LONGEST_SURVEY = 1
-- Bytes. After an election followers connect anew, and for each the leader reads its last log file up to where the
-- follower stands before it sends anything, the row that makes it writable included: 5 ms for a megabyte.
local LOG_FILE_SIZE = 256 * 1024

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

local function use_in_place_of_tarantool_3(configuration)
    leadership.use(election.source)
    transfer.use(election.transfer)
    members.use({
        self = function() return configuration.name end,
        peers = function() return peers_of(configuration) end,
        users = function() return configuration.users end,
        name_of = function(replica) return configuration.names[replica.uuid] end,
        missing_upstream = election.missing_upstream,
    })
end

local function settings_of(configuration)
    return {
        listen = configuration.listen,
        instance_uuid = configuration.uuid,
        replicaset_uuid = configuration.replicaset_uuid,
        net_msg_max = configuration.net_msg_max,
        memtx_memory = configuration.memtx_memory,
        wal_mode = configuration.wal_mode,
        wal_max_size = LOG_FILE_SIZE,
        wal_dir = configuration.wal_dir,
        memtx_dir = configuration.snapshot_dir,
        vinyl_dir = configuration.vinyl_dir,
        pid_file = configuration.pid_file,
        replication_timeout = configuration.timeout,
        replication_connect_quorum = 0,
        read_only = true,
        feedback_enabled = false,
    }
end

local function replication_uri(configuration, member)
    return ('%s:%s@%s'):format(configuration.login, configuration.password, member.uri)
end

-- The member that Tarantool 2.6 chooses to begin: the one with the lowest UUID.
local function is_first_member(configuration)
    for _, member in ipairs(configuration.members) do
        if member.uuid < configuration.uuid then
            return false
        end
    end
    return true
end

-- Asks the peers for a while whether they are a cluster already: {is_cluster, leader, all_are_listening}. A peer that
-- has data answers; one that has none listens, too, but cannot log anybody in yet.
local function survey(list, duration)
    local by_name, stop = peers.connect(list, function() end)
    fiber.sleep(duration)
    local result = {is_cluster = false, leader = nil, all_are_listening = true}
    for _, peer in pairs(by_name) do
        result.all_are_listening = result.all_are_listening and peer.is_listening
    end
    local answers = peers.ask_all(by_name, 'election.state', {}, 0.5, function() return false end)
    stop()
    for _, answer in pairs(answers) do
        result.is_cluster = true
        result.leader = answer.leader or result.leader
    end
    return result
end

local function begin_together(configuration, settings)
    settings.replication = {}
    for _, member in ipairs(configuration.members) do
        table.insert(settings.replication, replication_uri(configuration, member))
    end
    -- All must be there: two halves that begin apart could never be joined. Tarantool 2.6 lets a node begin by itself
    -- when all others are read-only, so the one that is to be the first is alone in being writable.
    settings.replication_connect_quorum = #configuration.members
    settings.replication_connect_timeout = FIRST_START_TIMEOUT
    settings.read_only = not is_first_member(configuration)
    local done, err = pcall(box.cfg, settings)
    if not done then
        restart.now(('the first start needs all of the nodes: %s'):format(err))
    end
end

-- A node without data: it is filled from the leader, or, when no node has any, all of them begin together.
local function start_empty(configuration, list, settings, has_been_member)
    local is_first = is_first_member(configuration)
    local duration = is_first and FIRST_SURVEY or SURVEY
    while true do
        local found = survey(list, duration)
        duration = math.min(2 * duration, LONGEST_SURVEY)
        for _, member in ipairs(configuration.members) do
            if member.name == found.leader and member.name ~= configuration.name then
                settings.replication = {replication_uri(configuration, member)}
                box.cfg(settings)
                return
            end
        end
        -- The first must know that the others have no data either: they may be starting on it this moment.
        local nobody_has_data = not found.is_cluster and (found.all_are_listening or not is_first)
        if nobody_has_data and not has_been_member then
            begin_together(configuration, settings)
            return
        end
        log.info('Without data: waiting for a leader to be filled from')
        fiber.sleep(0.05)
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

local function apply_roles(configuration)
    for _, name in ipairs(configuration.roles) do
        local role = require(name)
        role.validate(configuration.roles_cfg[name])
        role.apply(configuration.roles_cfg[name])
    end
end

-- require('config'):reload(), as on Tarantool 3: members, users and settings of roles as the file has them now; all else
-- takes a start. Members may come or go one at a time, and the next one only when every node has read of the last: so any two
-- majorities, by whichever of the two files, have a node in common (Ongaro's dissertation, 4.1).
local function offer_reload(options, configuration)
    package.loaded.config = {
        reload = function()
            local next = config.load(options.config, options.name)
            for _, key in ipairs({'members', 'names', 'quorum', 'users', 'roles_cfg'}) do
                configuration[key] = next[key]
            end
            election.set_peers(peers_of(configuration))
            if leadership.info().writable then
                credentials.ensure(configuration.users)
            end
            apply_roles(configuration)
            log.info('The configuration was read again: a majority is %d of %d', next.quorum, #next.members)
        end,
    }
end

local function start(options)
    local configuration = config.load(options.config, options.name)
    for _, directory in ipairs({
        configuration.wal_dir, configuration.snapshot_dir, configuration.vinyl_dir,
        fio.dirname(configuration.pid_file), fio.dirname(configuration.console_socket),
    }) do
        fio.mktree(directory)
    end
    local list = peers_of(configuration)
    use_in_place_of_tarantool_3(configuration)
    election.publish()
    local settings = settings_of(configuration)
    local has_data = #fio.glob(fio.pathjoin(configuration.snapshot_dir, '*.snap')) > 0
    if has_data then
        box.cfg(settings)
    else
        local saved = term_store.load(fio.pathjoin(configuration.wal_dir, 'election.json'))
        start_empty(configuration, list, settings, saved.term > 0)
        if box.info.id == 1 and box.space.election_terms == nil then
            box.cfg({read_only = false})
            found(configuration)
            wait_for_joins(configuration)
        end
    end
    box.cfg({read_only = true, replication_connect_quorum = 0})
    election.start(configuration, list)
    -- The console of an admin on this machine.
    fio.unlink(configuration.console_socket)
    console.listen('unix/:' .. configuration.console_socket)
    leadership.on_writable(function()
        return (pcall(credentials.ensure, configuration.users))
    end)
    apply_roles(configuration)
    offer_reload(options, configuration)
end

local done, err = pcall(start, parse_arguments())
if not done then
    io.stderr:write(('%s\n'):format(err))
    os.exit(1)
end
