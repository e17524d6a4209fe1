-- The spaces, indexes, functions and first rows. Made on the leader, in steps that each may be repeated: several
-- nodes may start at once, a leader may die between two steps, and a later version may add an index.
local fiber = require('fiber')
local log = require('log')
local leadership = require('replicaset.leadership')
local members = require('replicaset.members')
local migrations = require('employees.migrations')

local schema = {}

-- Of what ensure() makes.
schema.version = migrations.last_version
-- What must not be lost.
schema.spaces = {'employees', 'requests'}

-- Seconds; the leader may be deposed while it waits, then the next one goes on.
local COMMIT_TIMEOUT = 5
local FIRST_JOINS_TIMEOUT = 10

-- What must not be lost is synchronous: an acknowledged write stands on a majority. A later version may have given a space more
-- fields: a leader of this one leaves them.
local function create_space(name, fields)
    local options = {if_not_exists = true}
    if leadership.has_synchronous_spaces() then
        options.is_sync = true
    end
    local space = box.schema.space.create(name, options)
    if #space:format() < #fields then
        space:format(fields)
    end
    return space
end

local function ensure_employees()
    local employees = create_space('employees', {
        {name = 'id', type = 'unsigned'},
        {name = 'name', type = 'string'},
        {name = 'position', type = 'string'},
        {name = 'salary', type = 'unsigned'},
    })
    employees:create_index('id', {parts = {'id'}, if_not_exists = true})
    -- Each ends in the id, so that its order is total and a page can go on behind any row.
    employees:create_index('name', {parts = {'name', 'id'}, if_not_exists = true})
    employees:create_index('position', {parts = {'position', 'id'}, if_not_exists = true})
    employees:create_index('salary', {parts = {'salary', 'id'}, if_not_exists = true})
    box.schema.sequence.create('employee_ids', {max = 2 ^ 53 - 1, if_not_exists = true})
end

-- The outcome of each write beside its data, so that a repetition gets the same answer.
local function ensure_requests()
    local requests = create_space('requests', {
        {name = 'id', type = 'string'},
        {name = 'fingerprint', type = 'string'},
        {name = 'reply', type = 'any'},
        {name = 'applied_at', type = 'unsigned'},
        {name = 'deadline', type = 'unsigned'},
    })
    requests:create_index('id', {parts = {'id'}, if_not_exists = true})
    requests:create_index('applied_at', {parts = {'applied_at', 'id'}, if_not_exists = true})
end

local function ensure_sample()
    if box.space._schema:get('employees_sample') ~= nil then
        return
    end
    box.begin()
    box.space._schema:insert({'employees_sample'})
    if box.space.employees:len() == 0 then
        for _, row in ipairs({{'John Doe', 'Manager', 5000}, {'Jane Smith', 'Developer', 4000}}) do
            box.space.employees:insert({box.sequence.employee_ids:next(), unpack(row)})
        end
    end
    leadership.commit(COMMIT_TIMEOUT)
end

-- Creates the functions by name; they run with their creator's rights, so who may call one needs no right on a space.
-- Who may call them stands in config.yaml. Tarantool 3 grants by itself when a function appears, but a leader that dies
-- right then would leave that undone.
local function ensure_functions(names)
    for _, name in ipairs(names) do
        box.schema.func.create(name, {setuid = true, if_not_exists = true})
    end
    for user, settings in pairs(members.users()) do
        for _, privilege in ipairs(settings.privileges or {}) do
            for _, name in ipairs(privilege.functions or {}) do
                if box.space._func.index.name:get(name) ~= nil then
                    box.schema.user.grant(user, 'execute', 'function', name, {if_not_exists = true})
                end
            end
        end
    end
end

-- Everybody has the role `public`, even without a login. As Tarantool ships it, it shows the catalogue, writes to
-- _collation and _truncate, and on 2.6 runs any Lua text as admin through SQL's function LUA. Here it may do nothing.
local function close_public_doors()
    local public = box.space._user.index.name:get('public').id
    box.begin()
    for _, right in ipairs(box.space._priv:select({public})) do
        box.space._priv:delete({public, right.object_type, right.object_id})
    end
    box.commit()
    box.schema.user.revoke('guest', 'public', nil, nil, {if_exists = true})
end

-- The version that a leader has made last; nil before the first.
function schema.stored_version()
    local row = box.space._schema:get('employees_version')
    return row and row[2]
end

-- Never lowered: while nodes are upgraded one by one, the older ones may lead as well.
local function store_version(version)
    if (schema.stored_version() or 0) < version then
        box.begin()
        box.space._schema:replace({'employees_version', version})
        leadership.commit(COMMIT_TIMEOUT)
    end
end

-- A version is stored when a majority has all that leads to it.
local function migrate()
    store_version(migrations.first_version)
    for _, migration in ipairs(migrations.all) do
        if schema.stored_version() < migration.version then
            log.info('Migration %s begins', migration.name)
            migration.run()
            store_version(migration.version)
            log.info('Migration %s is done', migration.name)
        end
    end
end

local function all_members_follow()
    local following = 0
    for id, replica in pairs(box.info.replication) do
        if id ~= box.info.id and replica.downstream ~= nil and replica.downstream.status == 'follow' then
            following = following + 1
        end
    end
    return following >= #members.peers()
end

-- A node that joins while synchronous rows wait for their quorum gives up and exits (measured on 3.3.0, 4 of 10 first
-- starts): the first rows wait until all have joined, or for the time that a first start may take.
local function wait_for_first_joins()
    local deadline = fiber.clock() + FIRST_JOINS_TIMEOUT
    while box.space.employees == nil and not all_members_follow() and fiber.clock() < deadline do
        fiber.sleep(0.01)
    end
end

-- Brings the schema up to date. Only on a writable leader; raises what Tarantool raises.
function schema.ensure(function_names)
    wait_for_first_joins()
    ensure_employees()
    ensure_requests()
    ensure_functions(function_names)
    close_public_doors()
    ensure_sample()
    migrate()
end

return schema
