-- What config.yaml takes from elsewhere: `config.context` says from where, `{{ context.<name> }}` stands for it, as on
-- Tarantool 3. Passwords come so; none is in a message.
local fio = require('fio')

local context = {}

local function read(name, path)
    local file, err = fio.open(path, {'O_RDONLY'})
    if file == nil then
        error(('Cannot read %s, from which context.%s comes: %s'):format(path, name, err), 0)
    end
    local text = file:read()
    file:close()
    return text
end

local function value_of(name, source)
    local text
    if source.from == 'env' then
        text = os.getenv(source.env)
        if text == nil then
            error(('There is no environment variable %s, from which context.%s comes'):format(source.env, name), 0)
        end
    elseif source.from == 'file' then
        text = read(name, source.file)
    else
        error(('context.%s comes from %s: give env or file'):format(name, source.from), 0)
    end
    return source.rstrip and text:match('^(.-)%s*$') or text
end

local function fill(value, known)
    if type(value) == 'string' then
        return (value:gsub('{{ *context%.([%w_]+) *}}', function(name)
            return known[name] or error(('Nothing says where context.%s comes from'):format(name), 0)
        end))
    end
    if type(value) ~= 'table' then
        return value
    end
    local filled = {}
    for key, member in pairs(value) do
        filled[key] = fill(member, known)
    end
    return filled
end

-- The same document with all of it filled in. Raises a text that says what is missing.
function context.fill(document)
    local known = {}
    for name, source in pairs((document.config or {}).context or {}) do
        known[name] = value_of(name, source)
    end
    return fill(document, known)
end

return context
