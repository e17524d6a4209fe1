-- Reads: employees.get, employees.page, employees.count. Keyset pages on the indexes; each call examines a bounded
-- number of rows, says where it stopped, and the caller goes on from there, so none holds Tarantool's thread for long.
-- None yields, so each is of one moment.
local consistency = require('employees.consistency')

local query = {}

-- About 2 ms of Tarantool's thread.
local MAX_EXAMINED_ROWS = 5000
local MAX_ROWS = 1001

local FIELD_NUMBERS = {id = 1, name = 2, position = 3, salary = 4}

local function ok(fields)
    fields.status = 'ok'
    return fields
end

-- Rows of these ids, those that exist.
function query.get(ids)
    local rows = {}
    for i = 1, math.min(#ids, MAX_ROWS) do
        local row = box.space.employees:get(ids[i])
        if row ~= nil then
            table.insert(rows, row)
        end
    end
    return ok({rows = setmetatable(rows, {__serialize = 'seq'})})
end

local function contains_value(values, value)
    for _, candidate in ipairs(values) do
        if candidate == value then
            return true
        end
    end
    return false
end

local TESTS = {
    eq = function(value, wanted) return value == wanted end,
    ['in'] = function(value, wanted) return contains_value(wanted, value) end,
    starts_with = function(value, prefix) return value:sub(1, #prefix) == prefix end,
    contains = function(value, part) return value:find(part, 1, true) ~= nil end,
    gt = function(value, bound) return value > bound end,
    gte = function(value, bound) return value >= bound end,
    lt = function(value, bound) return value < bound end,
    lte = function(value, bound) return value <= bound end,
}

-- A filter as a list of {field number, test, argument}: all must hold.
local function compile(filter)
    local conditions = {}
    for field, tests in pairs(filter or {}) do
        for name, argument in pairs(tests) do
            if argument ~= nil then
                table.insert(conditions, {FIELD_NUMBERS[field], TESTS[name], argument})
            end
        end
    end
    return conditions
end

local function matches(conditions, row)
    for _, condition in ipairs(conditions) do
        if not condition[2](row[condition[1]], condition[3]) then
            return false
        end
    end
    return true
end

-- The part of an index that can hold matches: {low, high, fixed}. `fixed` is an equality, then the range is one value.
-- Bounds are inclusive here; the conditions say the rest.
local function range_of(tests)
    if tests == nil then
        return {}
    end
    if tests.eq ~= nil then
        return {fixed = tests.eq}
    end
    if tests['in'] ~= nil and #tests['in'] > 0 then
        local low, high = tests['in'][1], tests['in'][1]
        for _, value in ipairs(tests['in']) do
            low = value < low and value or low
            high = value > high and value or high
        end
        return {low = low, high = high}
    end
    if tests.starts_with ~= nil then
        return {low = tests.starts_with, prefix = tests.starts_with}
    end
    local low, high = tests.gte, tests.lte
    if tests.gt ~= nil and (low == nil or tests.gt > low) then
        low = tests.gt
    end
    if tests.lt ~= nil and (high == nil or tests.lt < high) then
        high = tests.lt
    end
    return {low = low, high = high}
end

-- The salary index takes no negative key, but a filter may name one. Nothing lies below 0, so 0 serves: what stands
-- there, the conditions refuse.
local function clamped(range)
    local result = {prefix = range.prefix}
    for _, bound in ipairs({'fixed', 'low', 'high'}) do
        local value = range[bound]
        result[bound] = type(value) == 'number' and math.max(0, value) or value
    end
    return result
end

-- Which index gives the rows in the wanted order with the least to examine. Ordered by id, an equality on another
-- field is served by that field's index, since it ends in the id.
local function plan(order, filter)
    filter = filter or {}
    if order == 'id' then
        for _, field in ipairs({'name', 'position', 'salary'}) do
            if filter[field] ~= nil and filter[field].eq ~= nil then
                return {index = field, range = clamped(range_of(filter[field]))}
            end
        end
        return {index = 'id', range = {}}
    end
    return {index = order, range = clamped(range_of(filter[order]))}
end

local function key_of(order, row)
    if order == 'id' then
        return {row[1]}
    end
    return {row[FIELD_NUMBERS[order]], row[1]}
end

local function past_prefix(value, prefix)
    return value:sub(1, #prefix) ~= prefix and value > prefix
end

-- Has a walk upwards (or downwards) left the range?
local function is_outside(range, value, descending)
    if range.fixed ~= nil then
        return value ~= range.fixed
    end
    if descending then
        return range.low ~= nil and value < range.low
    end
    return (range.high ~= nil and value > range.high)
        or (range.prefix ~= nil and past_prefix(value, range.prefix))
end

-- The smallest text that is greater than all that begin with the prefix, or nil.
local function after_prefix(prefix)
    for i = #prefix, 1, -1 do
        local byte = prefix:byte(i)
        if byte < 255 then
            return prefix:sub(1, i - 1) .. string.char(byte + 1)
        end
    end
    return nil
end

-- Where a walk begins: {key, iterator}.
local function start_of(chosen, order, descending, after)
    local range = chosen.range
    if after ~= nil then
        local key = after
        if chosen.index ~= order then
            key = {range.fixed, after[1]}
        end
        return key, descending and 'LT' or 'GT'
    end
    if range.fixed ~= nil then
        return {range.fixed}, descending and 'REQ' or 'EQ'
    end
    if descending then
        if range.prefix ~= nil then
            local bound = after_prefix(range.prefix)
            return bound ~= nil and {bound} or {}, 'LT'
        end
        return range.high ~= nil and {range.high} or {}, 'LE'
    end
    return range.low ~= nil and {range.low} or {}, 'GE'
end

-- Walks the rows that may match, in order, from behind `after`. `visit(row)` gets those that do match and returns
-- true to stop. Returns the key of the last row examined, or nil when there is nothing behind it.
local function walk(request, visit)
    local order = request.order or 'id'
    local conditions = compile(request.filter)
    local chosen = plan(order, request.filter)
    local field = FIELD_NUMBERS[chosen.index]
    local key, iterator = start_of(chosen, order, request.descending, request.after)
    local examined = 0
    for _, row in box.space.employees.index[chosen.index]:pairs(key, {iterator = iterator}) do
        if is_outside(chosen.range, row[field], request.descending) then
            return nil
        end
        examined = examined + 1
        local enough = matches(conditions, row) and visit(row)
        if enough or examined >= MAX_EXAMINED_ROWS then
            return key_of(order, row)
        end
    end
    return nil
end

-- One page, or the part of it that this call's budget allows.
function query.page(request)
    local limit = math.min(request.limit, MAX_ROWS)
    local rows = {}
    local scanned_to = walk(request, function(row)
        table.insert(rows, row)
        return #rows >= limit
    end)
    return ok({rows = setmetatable(rows, {__serialize = 'seq'}), scanned_to = scanned_to})
end

-- The order in which a count has the least to examine.
local function order_for(filter)
    for _, field in ipairs({'name', 'position', 'salary'}) do
        local range = range_of(filter[field])
        if range.fixed ~= nil or range.low ~= nil or range.high ~= nil then
            return field
        end
    end
    return 'id'
end

-- How many match; without a filter the space can tell.
function query.count(request)
    if next(request.filter or {}) == nil then
        return ok({count = box.space.employees:len()})
    end
    local count = 0
    local scanned_to = walk({filter = request.filter, after = request.after, order = order_for(request.filter)},
        function()
            count = count + 1
            return false
        end)
    return ok({count = count, scanned_to = scanned_to})
end

return {
    get = consistency.controlled(query.get),
    page = consistency.controlled(query.page),
    count = consistency.controlled(query.count),
}
