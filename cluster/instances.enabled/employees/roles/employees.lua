-- The employees: their schema, made on the leader, and the functions that the gateway may call.
local fiber = require('fiber')
local log = require('log')
local abstention = require('replicaset.abstention')
local diagnosis = require('employees.diagnosis')
local early_election = require('replicaset.early_election')
local leadership = require('replicaset.leadership')
local outcomes = require('employees.outcomes')
local query = require('employees.query')
local schema = require('employees.schema')
local status = require('replicaset.status')
local successor = require('replicaset.successor')
local transfer = require('replicaset.transfer')
local write = require('employees.write')

-- All that can be called from outside, by name.
local API = {
    ['replicaset.status'] = status,
    ['employees.get'] = query.get,
    ['employees.page'] = query.page,
    ['employees.count'] = query.count,
    ['employees.write'] = write.write,
    ['employees.diagnosis'] = diagnosis,
    ['replicaset.transfer_leadership'] = transfer.transfer_leadership,
    -- What the nodes ask each other.
    ['replicaset.is_handing_over'] = transfer.is_handing_over,
    ['replicaset.may_succeed'] = successor.may_succeed,
    ['replicaset.stand_for_election'] = successor.stand_for_election,
    ['replicaset.let_stand'] = abstention.let_stand,
    ['replicaset.sees_leader_gone'] = early_election.sees_leader_gone,
}

local function publish()
    local names = {}
    for name, fn in pairs(API) do
        local space, key = name:match('^(%w+)%.([%w_]+)$')
        rawset(_G, space, rawget(_G, space) or {})
        _G[space][key] = fn
        table.insert(names, name)
    end
    table.sort(names)
    return names
end

-- Without MVCC, Tarantool shows rows that no majority has confirmed, and that may be undone.
local function assert_confirmed_reads()
    if leadership.has_synchronous_spaces() and not box.cfg.memtx_use_mvcc_engine then
        error('roles.employees needs database.use_mvcc_engine: true, or reads would show what may yet be undone', 0)
    end
end

local role = {}
local running = {}

function role.validate(config)
    outcomes.validate(config or {})
end

-- Called again when the configuration is reloaded.
function role.apply(config)
    assert_confirmed_reads()
    outcomes.configure(config or {})
    if running.stop ~= nil then
        return
    end
    local names = publish()
    running.stop = leadership.on_writable(function()
        local done, err = pcall(schema.ensure, names)
        if not done then
            box.rollback()
            log.warn('The schema is not up to date yet, trying again: %s', err)
        end
        return done
    end)
    running.sweeper = fiber.new(outcomes.sweep_forever)
    running.sweeper:name('outcome_sweeper', {truncate = true})
    running.stop_watching = leadership.start()
end

function role.stop()
    running.stop()
    running.stop_watching()
    pcall(running.sweeper.cancel, running.sweeper)
    running = {}
end

return role
