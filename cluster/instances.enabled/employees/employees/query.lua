-- Reads: employees.get, employees.page, employees.count. Keyset pages on the indexes. Each call examines a bounded number
-- of rows for a bounded time, says where it stopped, and the caller goes on from there (`is_continued`), so none holds
-- Tarantool's thread for long. None yields, so each is of one moment. docs/decisions/0017 has the costs.
local clock = require('clock')
local consistency = require('employees.consistency')
local filter = require('employees.filter')
local garbage = require('employees.garbage')
local rows = require('employees.rows')

local query = {}

-- Some 0.3 ms of Tarantool's thread.
local MAX_EXAMINED_ROWS = 500
-- Seconds of the thread's time. That many rows take longer while LuaJIT compiles what is called for the first time, or when long
-- texts are searched.
local MAX_SECONDS = 2e-3
local FIRST_LOOK_SECONDS = 1e-3
local ROWS_BETWEEN_LOOKS = 16
-- So many are examined in the wanted order before it is tried to get at the matches by other indexes: by two at most, and
-- only if few are there.
local FIRST_LOOK_ROWS = 300
local FEW_ROWS = 350
local MAX_OTHER_INDEXES = 2
local MAX_IDS = 500

local function ok(fields, examined)
    garbage.collect_after(examined)
    fields.status = 'ok'
    return fields
end

-- Says how many rows it took to find out.
local function found_out(fields, examined)
    fields.examined = examined
    return ok(fields, examined)
end

local function list(items)
    return setmetatable(items, {__serialize = 'seq'})
end

-- Rows of these ids, those that exist.
function query.get(ids)
    if #ids > MAX_IDS then
        error(('At most %d ids per call, not %d'):format(MAX_IDS, #ids), 0)
    end
    local found = {}
    for _, id in ipairs(ids) do
        table.insert(found, (box.space.employees:get(id)))
    end
    return ok({rows = list(found)}, #ids)
end

-- The fields that a filter bounds: those with few values first, ranges last.
local function bounded_fields(bounds)
    local fields = {}
    for _, field in ipairs({'name', 'salary', 'position'}) do
        if bounds[field] ~= nil then
            local values = bounds[field].values
            table.insert(fields, {name = field, breadth = values and #values or math.huge, rank = #fields})
        end
    end
    table.sort(fields, function(a, b)
        if a.breadth ~= b.breadth then
            return a.breadth < b.breadth
        end
        return a.rank < b.rank
    end)
    return fields
end

local function is_over(deadline)
    return clock.thread() >= deadline
end

-- The rows that may match in the wanted order, and the field whose bounds that uses.
local function in_order(request, bounds, deadline)
    local order = request.order
    if order ~= 'id' then
        return rows.along(order, bounds[order] and bounds[order].ranges, request.descending, request.after), order
    end
    local narrowest = bounded_fields(bounds)[1]
    if narrowest ~= nil and bounds[narrowest.name].values ~= nil then
        local values = bounds[narrowest.name].values
        local merged = rows.merged(narrowest.name, values, request.descending, request.after,
            function() return is_over(deadline) end)
        if merged ~= nil then
            return merged, narrowest.name
        end
    end
    return rows.along('id', nil, request.descending, request.after), 'id'
end

-- Visits what matches until `visit` returns true, `budget` rows have been examined, or the time is over; some rows are
-- examined even then, so that each call comes further. Returns the last row taken; nil when there are no more.
local function scan(source, wanted, budget, deadline, visit)
    local taken = 0
    while true do
        local row = source.next()
        if row == nil then
            return nil
        end
        taken = taken + 1
        local is_enough = wanted:matches(row) and visit(row)
        if is_enough or source.examined >= budget or (taken % ROWS_BETWEEN_LOOKS == 0 and is_over(deadline)) then
            return row
        end
    end
end

-- The fields by whose bounds the matches might be got at, beside the one that is used.
local function other_fields(wanted, used)
    local others = {}
    for _, field in ipairs(bounded_fields(wanted.bounds)) do
        if field.name ~= used and #others < MAX_OTHER_INDEXES then
            table.insert(others, field.name)
        end
    end
    return others
end

-- All that match, unordered, by the bounds of one of these fields; nil when none bounds them to few. How many rows were
-- examined; and whether the time was over before that was certain.
local function gather(wanted, fields, deadline)
    local examined = 0
    for _, field in ipairs(fields) do
        if is_over(deadline) then
            return nil, examined, true
        end
        local found = {}
        local source = rows.along(field, wanted.bounds[field].ranges, false, nil)
        local last = scan(source, wanted, FEW_ROWS, deadline, function(row) table.insert(found, row) end)
        examined = examined + source.examined
        if last == nil then
            return found, examined, false
        end
        if source.examined < FEW_ROWS then
            return nil, examined, true
        end
    end
    return nil, examined, false
end

-- Of the rows that match, unordered: one page, and the last of it if there are more.
local function page_of(found, request)
    local page = {}
    for _, row in ipairs(rows.sort(found, request.order, request.descending)) do
        if rows.is_behind(request.order, row, request.descending, request.after) then
            if #page == request.limit then
                return page, page[#page]
            end
            table.insert(page, row)
        end
    end
    return page, nil
end

-- One page, or the part of it that this call's budget allows.
function query.page(request)
    local started_at = clock.thread()
    local deadline = started_at + MAX_SECONDS
    local order = request.order
    if not rows.is_order(order) then
        error(('Unknown order %s'):format(order), 0)
    end
    local wanted = filter.compile(request.filter)
    if wanted:is_empty() then
        return found_out({rows = list({})}, 0)
    end
    local source, used = in_order(request, wanted.bounds, deadline)
    local others = request.is_continued and {} or other_fields(wanted, used)
    local page = {}
    local is_first_look = #others > 0
    local most = is_first_look and FIRST_LOOK_ROWS or MAX_EXAMINED_ROWS
    local look_until = is_first_look and started_at + FIRST_LOOK_SECONDS or deadline
    local last = scan(source, wanted, most, look_until, function(row)
        table.insert(page, row)
        return #page >= request.limit
    end)
    local examined, is_too_late = source.examined, false
    -- With a quarter of the page after the first look, the rest is not far. With less it may be.
    if last ~= nil and is_first_look and #page < request.limit / 4 then
        local found, examined_besides
        found, examined_besides, is_too_late = gather(wanted, others, deadline)
        examined = examined + examined_besides
        if found ~= nil then
            page, last = page_of(found, request)
        end
    end
    local scanned_to = last and rows.key_of(order, last)
    return found_out({rows = list(page), scanned_to = scanned_to, look_again = is_too_late or nil}, examined)
end

-- How many match, or how many in the part that this call's budget allows; without a filter the space can tell.
function query.count(request)
    local deadline = clock.thread() + MAX_SECONDS
    local wanted = filter.compile(request.filter)
    if #wanted.tests == 0 then
        return found_out({count = box.space.employees:len()}, 0)
    end
    if wanted:is_empty() then
        return found_out({count = 0}, 0)
    end
    local narrowest = bounded_fields(wanted.bounds)[1]
    local order = narrowest and narrowest.name or 'id'
    local source = rows.along(order, wanted.bounds[order] and wanted.bounds[order].ranges, false, request.after)
    local count = 0
    local last = scan(source, wanted, MAX_EXAMINED_ROWS, deadline, function()
        count = count + 1
        return false
    end)
    local examined, is_too_late = source.examined, false
    if last ~= nil and (request.is_continued == false or request.after == nil) then
        local found, examined_besides
        found, examined_besides, is_too_late = gather(wanted, other_fields(wanted, order), deadline)
        examined = examined + examined_besides
        if found ~= nil then
            count, last = 0, nil
            for _, row in ipairs(found) do
                count = count + (rows.is_behind(order, row, false, request.after) and 1 or 0)
            end
        end
    end
    local scanned_to = last and rows.key_of(order, last)
    return found_out({count = count, scanned_to = scanned_to, look_again = is_too_late or nil}, examined)
end

return {
    get = consistency.controlled(query.get),
    page = consistency.controlled(query.page),
    count = consistency.controlled(query.count),
}
