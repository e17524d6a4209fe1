-- employees.write: one call, one synchronous transaction, which holds the effect, the request id and the stored reply.
-- A repetition with the same id gets that reply again, on this leader or the next, be it "ok" or "rejected": so that an
-- attempt that is still on its way, when a later one has been answered, finds that answer and does nothing.
local clock = require('clock')
local digest = require('digest')
local fiber = require('fiber')
local json = require('json')
local leadership = require('replicaset.leadership')
local rules = require('employees.rules')

local write = {}

-- ER_TUPLE_FOUND
local TUPLE_FOUND = 3
-- Seconds.
local PENDING_PAUSE = 0.001
-- More rows are looked at in one turn of Tarantool's thread, and added in the next: each is some 2 ms with the longest texts.
local MANY_ROWS = 20

local function ok(rows)
    return {status = 'ok', rows = rows}
end

local function rejected(code, fields)
    fields = fields or {}
    fields.status = 'rejected'
    fields.code = code
    return fields
end

local function not_applied(code, message)
    return {status = 'not_applied', code = code, message = message}
end

-- Wall-clock time, read anew: the event loop's own time stands still while the process is frozen.
local function now_ms()
    return clock.time() * 1000
end

-- The cluster numbers who brings no id. The sequence goes on where it was, past ids that were given by hand.
local function next_id()
    local employees = box.space.employees
    for _ = 1, 100 do
        local id = box.sequence.employee_ids:next()
        if employees:get(id) == nil then
            return id
        end
    end
    local last = employees.index.id:max()
    if last[1] < rules.MAX_ID then
        box.sequence.employee_ids:set(last[1] + 1)
        return last[1] + 1
    end
    return nil
end

local operations = {}

function operations.add(arguments)
    local rows = {}
    for _, row in ipairs(arguments.rows) do
        local id = row[1]
        if id == nil then
            id = next_id()
            if id == nil then
                return rejected('IDS_EXHAUSTED')
            end
        elseif box.space.employees:get(id) ~= nil then
            return rejected('EMPLOYEE_EXISTS', {id = id})
        end
        table.insert(rows, box.space.employees:insert({id, row[2], row[3], row[4]}))
    end
    return ok(rows)
end

function operations.update(arguments)
    local changes = {}
    for _, field in ipairs({'name', 'position', 'salary'}) do
        if arguments[field] ~= nil then
            table.insert(changes, {'=', field, arguments[field]})
        end
    end
    local row = box.space.employees:get(arguments.id)
    if row == nil then
        return rejected('EMPLOYEE_NOT_FOUND', {id = arguments.id})
    end
    for field, value in pairs(arguments.expected or {}) do
        if row[field] ~= value then
            return rejected('EMPLOYEE_CHANGED', {id = arguments.id})
        end
    end
    return ok({box.space.employees:update(arguments.id, changes)})
end

function operations.remove(arguments)
    local row = box.space.employees:delete(arguments.id)
    if row == nil then
        return rejected('EMPLOYEE_NOT_FOUND', {id = arguments.id})
    end
    return ok({row})
end

-- Operation, arguments and who may repeat it as one short text: what makes two requests the same. Lists only: a table's keys come in
-- no fixed order.
local function fingerprint_of(request)
    local a = request.arguments
    local e = a.expected or {}
    local parts = {request.operation, a.rows or box.NULL, a.id or box.NULL, a.name or box.NULL,
                   a.position or box.NULL, a.salary or box.NULL, e.name or box.NULL, e.position or box.NULL,
                   e.salary or box.NULL}
    -- Who alone may repeat it. From others it is another request, so that the answer does not tell what it was.
    if request.repeatable_by ~= nil then
        table.insert(parts, request.repeatable_by)
    end
    return digest.base64_encode(digest.sha1(json.encode(parts)), {nowrap = true})
end

-- Errors that leave nothing behind, by their numbers (errcode.h): the node could not, another may.
local NOT_APPLIED = {
    [7] = 'READ_ONLY',    -- READONLY
    [40] = 'TRY_AGAIN',   -- WAL_IO
    [97] = 'TRY_AGAIN',   -- TRANSACTION_CONFLICT
    [134] = 'TRY_AGAIN',  -- CASCADE_ROLLBACK
    [2] = 'TRY_AGAIN',    -- MEMORY_ISSUE
    [214] = 'READ_ONLY',  -- UNCOMMITTED_FOREIGN_SYNC_TXNS
    [225] = 'TRY_AGAIN',  -- TXN_ROLLBACK
    [227] = 'READ_ONLY',  -- SYNC_QUEUE_UNCLAIMED
    [228] = 'READ_ONLY',  -- SYNC_QUEUE_FOREIGN
}

local function reply_to_error(err, is_committing)
    local code = type(err) == 'cdata' and err.code or nil
    if NOT_APPLIED[code] ~= nil then
        return not_applied(NOT_APPLIED[code], tostring(err))
    end
    if is_committing then
        -- 216 and 217 above all: the row is in the log, and a later leader may confirm it.
        return {status = 'unknown', code = 'QUORUM_UNCONFIRMED', message = tostring(err)}
    end
    return not_applied('NODE_FAILURE', tostring(err))
end

local function commit(deadline)
    local done, err = pcall(leadership.commit, math.max(0, deadline - now_ms()) / 1000)
    if not done then
        box.rollback()
        return reply_to_error(err, true)
    end
    return nil
end

-- What an earlier attempt stored counts only once its quorum has confirmed it.
local function repeated(stored, fingerprint)
    if not leadership.settle_reads() then
        return {status = 'unknown', code = 'QUORUM_UNCONFIRMED', message = 'The stored outcome is not confirmed yet'}
    end
    if stored.fingerprint ~= fingerprint then
        return rejected('IDEMPOTENCY_KEY_REUSED')
    end
    return stored.reply
end

-- The key exists, but what stands behind it is not confirmed yet: on Tarantool 3, MVCC hides it.
local function is_pending(err)
    return type(err) == 'cdata' and err.code == TUPLE_FOUND
end

-- The effect and its outcome, in the open transaction. A rejection leaves no effect, but is an outcome as well.
local function apply(request, applied_at)
    local before = box.savepoint()
    local reply = operations[request.operation](request.arguments)
    if reply.status ~= 'ok' then
        box.rollback_to_savepoint(before)
    end
    reply.applied_at = applied_at
    box.space.requests:update(request.request_id, {{'=', 'reply', reply}})
    return reply
end

-- Returns the reply; or nil and what to wait for: another attempt of this request, or of another one for the same id.
local function first_time(request, fingerprint)
    box.begin()
    local requests = box.space.requests
    local applied_at = math.floor(now_ms())
    -- First, so that of two attempts at one request the later one meets the earlier one here.
    local done, err = pcall(requests.insert, requests,
        {request.request_id, fingerprint, {}, applied_at, request.deadline})
    if not done then
        box.rollback()
        if is_pending(err) then
            return nil, 'request'
        end
        return reply_to_error(err, false)
    end
    local applied, reply = pcall(apply, request, applied_at)
    if not applied then
        box.rollback()
        if is_pending(reply) then
            return nil, 'employee'
        end
        return reply_to_error(reply, false)
    end
    return commit(request.deadline) or reply
end

local function attempt(request, fingerprint)
    local stored = box.space.requests:get(request.request_id)
    if stored ~= nil then
        return repeated(stored, fingerprint)
    end
    return first_time(request, fingerprint)
end

-- What is pending is confirmed or gone before long.
local function attempt_until_deadline(request, fingerprint)
    local reply, pending
    repeat
        reply, pending = attempt(request, fingerprint)
        if reply ~= nil then
            return reply
        end
        fiber.sleep(PENDING_PAUSE)
    until now_ms() > request.deadline or not leadership.may_write()
    if pending == 'request' then
        local message = 'An earlier attempt at this request is not confirmed yet'
        return {status = 'unknown', code = 'QUORUM_UNCONFIRMED', message = message}
    end
    return not_applied('TRY_AGAIN', 'Another request for the same employee is not confirmed yet')
end

-- Applies one write, or says why not. Refused past its deadline (milliseconds, wall clock), so that a request that
-- slept in the socket of a frozen leader does nothing when the leader wakes.
function write.write(request)
    if operations[request.operation] == nil then
        return not_applied('NODE_FAILURE', 'Unknown operation')
    end
    if not rules.allow(request) then
        return not_applied('NODE_FAILURE', 'Not what an employee may be')
    end
    local fingerprint = fingerprint_of(request)
    if #(request.arguments.rows or {}) > MANY_ROWS then
        fiber.yield()
    end
    if now_ms() > request.deadline then
        return not_applied('DEADLINE_PASSED', 'The write reached the node after its deadline')
    end
    if not leadership.may_write() then
        return not_applied('READ_ONLY', 'This node may not write now')
    end
    return attempt_until_deadline(request, fingerprint)
end

return write
